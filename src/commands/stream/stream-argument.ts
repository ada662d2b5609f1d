// IDs of stream entries as arguments, and the streams and groups that arguments name.
import type { Slices } from "../../bytes/slices.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure } from "../../keyspace/failure.ts";
import { readStream } from "../../keyspace/stream.ts";
import { groupArgument } from "../../keyspace/stream-groups.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import {
  StreamId,
  copyId,
  decrementId,
  incrementId,
  maxId,
  parseId,
  parsedId,
  zeroId,
} from "../../structures/stream-id.ts";

export const invalidId = new Failure("ERR Invalid stream ID specified as stream command argument");
const invalidStart = new Failure("ERR invalid start ID for the interval");
const invalidEnd = new Failure("ERR invalid end ID for the interval");
const open = 0x28;
const minus = 0x2d;
const plus = 0x2b;

/** Whether the argument is that one byte. */
export function isSymbol(args: Slices, index: number, symbol: number): boolean {
  return args.lengths[index] === 1 && args.bytes[args.offsets[index]] === symbol;
}

/** Reads an ID; false when the argument is none. A missing sequence number is 0. */
export function findIdArgument(args: Slices, index: number, id: StreamId): boolean {
  const parsed = parseId(args.bytes, args.offsets[index], args.lengths[index], id);
  return parsed === parsedId.full || parsed === parsedId.timeOnly;
}

/** Reads an ID; `-` and `+` are none. */
export function idArgument(args: Slices, index: number, id: StreamId): void {
  if (!findIdArgument(args, index, id)) throw invalidId;
}

/** Reads an ID, or one of `-` and `+`. */
export function anyIdArgument(args: Slices, index: number, id: StreamId): void {
  if (isSymbol(args, index, minus)) copyId(zeroId, id);
  else if (isSymbol(args, index, plus)) copyId(maxId, id);
  else idArgument(args, index, id);
}

/** Reads where an interval starts: an ID, `-`, `+`, or `(` and an ID that is not in it. */
export function startArgument(args: Slices, index: number, id: StreamId): void {
  if (!isOpen(args, index)) {
    anyIdArgument(args, index, id);
    return;
  }
  boundArgument(args, index, id, zeroId);
  if (!incrementId(id)) throw invalidStart;
}

/** Reads where an interval ends; without a sequence number it is the largest. */
export function endArgument(args: Slices, index: number, id: StreamId): void {
  if (isOpen(args, index)) {
    boundArgument(args, index, id, maxId);
    if (!decrementId(id)) throw invalidEnd;
    return;
  }
  if (isSymbol(args, index, minus) || isSymbol(args, index, plus)) {
    anyIdArgument(args, index, id);
    return;
  }
  readBound(args, args.offsets[index], args.lengths[index], id, maxId);
}

function isOpen(args: Slices, index: number): boolean {
  return args.lengths[index] > 1 && args.bytes[args.offsets[index]] === open;
}

function boundArgument(args: Slices, index: number, id: StreamId, missing: StreamId): void {
  readBound(args, args.offsets[index] + 1, args.lengths[index] - 1, id, missing);
}

/** Reads an ID whose sequence number, if it has none, is that of `missing`. */
function readBound(
  args: Slices,
  offset: number,
  length: number,
  id: StreamId,
  missing: StreamId,
): void {
  const parsed = parseId(args.bytes, offset, length, id);
  if (parsed === parsedId.full) return;
  if (parsed !== parsedId.timeOnly) throw invalidId;
  id.seqHigh = missing.seqHigh;
  id.seqLow = missing.seqLow;
}

/** The arguments from `first` to the last, all of them IDs. */
export function idArguments(args: Slices, first: number, end: number = args.count): StreamId[] {
  const ids: StreamId[] = [];
  for (let index = first; index < end; index++) {
    const id = new StreamId();
    idArgument(args, index, id);
    ids.push(id);
  }
  return ids;
}

/**
 * The stream of the key and in it the group, whose names are arguments 1 and 2; throws when there
 * is none.
 */
export function requireGroup(db: Database, args: Slices): { root: Ref; group: Ref } {
  const root = readStream(db, args, 1);
  const group = root === noRef ? noRef : groupArgument(db, root, args, 2);
  if (group === noRef) {
    throw new Failure(
      `NOGROUP No such key '${args.latin1(1)}' or consumer group '${args.latin1(2)}'`,
    );
  }
  return { root, group };
}
