// Streams: the operations behind XADD, XDEL, XTRIM and XSETID; those on consumer groups are in
// `stream-groups.ts`.
//
// A stream's record holds the ref of its root block, which never moves; an empty stream stays, as
// long as its key is not deleted. Every function takes the database, the arguments and the index of
// the key among them, and reports its own change.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { listpackBytesMax } from "../structures/listpack.ts";
import {
  StreamId,
  compareIds,
  copyId,
  incrementId,
  isLastOfTime,
  isSameTime,
  isZeroId,
  maxId,
  parsedId,
  readId,
  setTime,
  writeId,
} from "../structures/stream-id.ts";
import {
  appendEntry,
  deleteEntry,
  noteDeletedId,
  readLastEntryId,
  trimStream,
  updateFirstId,
} from "../structures/stream-log.ts";
import type { Trim } from "../structures/stream-log.ts";
import {
  firstIdWord,
  lastIdWord,
  maxDeletedIdWord,
  newStream,
  setEntriesAdded,
  streamLength,
} from "../structures/stream-root.ts";
import type { Database } from "./database.ts";
import { Failure } from "./failure.ts";
import { keyEvents } from "./key-event.ts";
import { encoding, recordType, valueRef } from "./record.ts";
import type { ReferencePolicy } from "./stream-references.ts";
import { dropReferences, mayDelete, trimWithReferences } from "./stream-references.ts";

const idsExhausted = new Failure(
  "ERR The stream has exhausted the last possible ID, unable to add more items",
);
const idTooSmall = new Failure(
  "ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
const elementsTooLarge = new Failure("ERR Elements are too large to be stored");
const belowDeleted = new Failure(
  "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
);
const belowTop = new Failure(
  "ERR The ID specified in XSETID is smaller than the target stream top item",
);
const addedTooFew = new Failure(
  "ERR The entries_added specified in XSETID is smaller than the target stream length",
);

/** The stream of the key, for a command that reads; none when there is none. */
export function readStream(db: Database, args: Slices, key: number): Ref {
  const ref = db.readOfType(args, key, recordType.stream);
  return ref === noRef ? noRef : valueRef(db.keyspace.arena, ref);
}

/** The same for a command that writes. */
export function writeStream(db: Database, args: Slices, key: number): Ref {
  const ref = db.writeOfType(args, key, recordType.stream);
  return ref === noRef ? noRef : valueRef(db.keyspace.arena, ref);
}

/**
 * Makes an empty stream, right after a look-up that has not found the key. The caller reports the
 * change.
 */
export function makeStream(db: Database, args: Slices, key: number): Ref {
  const root = newStream(db.keyspace.arena);
  db.addCollection(args, key, recordType.stream, encoding.stream, root);
  return root;
}

/** How a stream is to be trimmed, if at all. One object serves many requests. */
export class TrimRequest implements Trim {
  isWanted = false;
  lengthMax = -1;
  readonly minId = new StreamId();
  isApproximate = false;
  limit = 0;
  references: ReferencePolicy = "keep";
  /** Index of the argument that is the length or the ID; the word before may be `~` or `=`. */
  thresholdAt = 0;

  clear(): void {
    this.thresholdAt = 0;
    this.isWanted = false;
    this.lengthMax = -1;
    this.isApproximate = false;
    this.limit = 0;
    this.references = "keep";
  }
}

/**
 * What XADD is to do, and in `id` afterwards the ID of the entry. One object serves many requests.
 */
export class AddRequest {
  readonly id = new StreamId();
  /** How much of the ID is given: one of `parsedId`; `none`: all of it is to be chosen. */
  given: number = parsedId.none;
  /** Index of the first field; values and further fields follow, to the last argument. */
  firstField = 0;
  makesStream = true;
  readonly trim = new TrimRequest();
}

const lastId = new StreamId();

/** XADD; false when there is no stream and none is to be made. */
export function addToStream(db: Database, args: Slices, key: number, request: AddRequest): boolean {
  const { keyspace } = db;
  const { arena, limits } = keyspace;
  let root = writeStream(db, args, key);
  if (root === noRef && !request.makesStream) return false;
  if (root === noRef) setTime(lastId, 0);
  else readId(arena, root, lastIdWord, lastId);
  if (compareIds(lastId, maxId) === 0) throw idsExhausted;
  chooseId(request, keyspace.nowMs);
  if (compareIds(request.id, lastId) <= 0) throw idTooSmall;
  const first = request.firstField;
  const { count, lengths } = args;
  let bytes = 0;
  for (let index = first; index < count; index++) bytes += lengths[index];
  if (bytes > listpackBytesMax) throw elementsTooLarge;
  if (root === noRef) root = makeStream(db, args, key);
  appendEntry(arena, root, request.id, args, first, (count - first) >> 1, limits);
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.xadd);
  if (request.trim.isWanted && trim(db, root, request.trim) > 0) {
    keyspace.event(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.xtrim);
  }
  return true;
}

/** Completes the ID: after `lastId`, unless what is given does not allow it. */
function chooseId(request: AddRequest, nowMs: number): void {
  const { id, given } = request;
  if (given === parsedId.full) return;
  if (given === parsedId.none) {
    setTime(id, nowMs);
    if (id.msHigh >>> 0 > lastId.msHigh >>> 0) return;
    if (id.msHigh === lastId.msHigh && id.msLow >>> 0 > lastId.msLow >>> 0) return;
    copyId(lastId, id);
    incrementId(id);
    return;
  }
  if (!isSameTime(id, lastId) || isLastOfTime(lastId)) return;
  copyId(lastId, id);
  incrementId(id);
}

function trim(db: Database, root: Ref, request: TrimRequest): number {
  const { arena } = db.keyspace;
  if (request.references === "keep") return trimStream(arena, root, request);
  return trimWithReferences(arena, root, request, request.references);
}

/** XTRIM; returns how many entries went. */
export function trimOne(db: Database, args: Slices, key: number, request: TrimRequest): number {
  const root = writeStream(db, args, key);
  if (root === noRef) return 0;
  const removed = trim(db, root, request);
  if (removed > 0) {
    const { keyspace } = db;
    keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.xtrim);
    keyspace.dirty += removed - 1;
  }
  return removed;
}

/** What became of an entry that was to be deleted, as XDELEX tells it. */
export const deletion = { noSuchId: -1, deleted: 1, referenced: 2 } as const;

/**
 * Deletes the entry of that ID, if the policy allows it; the stream's first ID and the report are
 * left to `finishDeletions`.
 */
export function deleteOne(
  db: Database,
  root: Ref,
  id: StreamId,
  references: ReferencePolicy,
): number {
  const { arena } = db.keyspace;
  if (references !== "keep" && !mayDelete(arena, root, id, references)) return deletion.referenced;
  if (!deleteEntry(arena, root, id)) return deletion.noSuchId;
  if (references === "delete") dropReferences(arena, root, id);
  readId(arena, root, firstIdWord, lastId);
  if (compareIds(id, lastId) === 0) updateFirstId(arena, root);
  noteDeletedId(arena, root, id);
  return deletion.deleted;
}

/** Reports that so many entries were deleted. */
export function reportDeletions(db: Database, args: Slices, key: number, count: number): void {
  if (count === 0) return;
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.xdel);
  keyspace.dirty += count - 1;
}

/** What XSETID sets besides the last ID. */
export interface StreamFacts {
  readonly lastId: StreamId;
  /** -1: leave it. */
  readonly entriesAdded: number;
  /** 0-0: leave it. */
  readonly maxDeletedId: StreamId;
}

/** XSETID; throws what speaks against it. */
export function setStreamFacts(
  db: Database,
  args: Slices,
  key: number,
  root: Ref,
  facts: StreamFacts,
): void {
  const { keyspace } = db;
  const { arena } = keyspace;
  const known = new StreamId();
  readId(arena, root, maxDeletedIdWord, known);
  if (compareIds(facts.lastId, known) < 0) throw belowDeleted;
  if (readLastEntryId(arena, root, known)) {
    if (compareIds(facts.lastId, known) < 0) throw belowTop;
    const { entriesAdded } = facts;
    if (entriesAdded !== -1 && streamLength(arena, root) > entriesAdded) throw addedTooFew;
  }
  writeId(arena, root, lastIdWord, facts.lastId);
  if (facts.entriesAdded !== -1) setEntriesAdded(arena, root, facts.entriesAdded);
  if (!isZeroId(facts.maxDeletedId)) writeId(arena, root, maxDeletedIdWord, facts.maxDeletedId);
  // As in Redis, no entry has changed, so no WATCH breaks.
  keyspace.dirty++;
  keyspace.event(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.xsetid);
}
