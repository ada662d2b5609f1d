// What ZUNION, ZINTER and ZDIFF combine: sorted sets, and sets, whose members all score 1. Both can
// be walked through and looked into at the same time, which is all that the algorithms in
// `zset-combination.ts` need.
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { wrongType } from "./failure.ts";
import type { Keyspace } from "./keyspace.ts";
import { encodingOf, recordType, typeOf, valueRef } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import { SetState, countMembers, hasMember, loadSet } from "./set-members.ts";
import { ZsetCursor } from "./zset-cursor.ts";
import { countOf, scoreIn } from "./zset-value.ts";

/** Given a member and its score; the bytes are good during the call. False ends the walk. */
export type ScoreVisitor = (
  bytes: Uint8Array,
  offset: number,
  length: number,
  score: number,
) => boolean;

export interface ScoreSource {
  /**
   * The record, by which one key given twice is known; none for a missing key, which is an empty
   * source.
   */
  readonly ref: Ref;
  readonly count: number;
  weight: number;
  /** The score of a member; NaN when it is not there. */
  find(bytes: Uint8Array, offset: number, length: number): number;
  forEach(visit: ScoreVisitor): void;
}

/**
 * The sources that `count` keys from argument `first` on hold. Throws `wrongType` when one holds
 * neither kind of set.
 */
export function collectSources(
  db: Database,
  args: Slices,
  first: number,
  count: number,
): ScoreSource[] {
  const sources: ScoreSource[] = [];
  for (let index = first; index < first + count; index++) {
    sources.push(sourceOf(db.keyspace, db.read(args, index)));
  }
  return sources;
}

function sourceOf(keyspace: Keyspace, ref: Ref): ScoreSource {
  if (ref === noRef) return emptySource();
  const type = typeOf(keyspace.arena, ref);
  if (type === recordType.zset) return zsetSource(keyspace, ref);
  if (type === recordType.set) return setSource(keyspace, ref);
  throw wrongType;
}

function emptySource(): ScoreSource {
  return { ref: noRef, count: 0, weight: 1, find: () => NaN, forEach: () => undefined };
}

function zsetSource(keyspace: Keyspace, ref: Ref): ScoreSource {
  const { arena } = keyspace;
  const kind = encodingOf(arena, ref);
  const root = valueRef(arena, ref);
  const count = countOf(arena, kind, root);
  return {
    ref,
    count,
    weight: 1,
    find: (bytes, offset, length) => scoreIn(keyspace, kind, root, bytes, offset, length),
    forEach: (visit) => {
      const cursor = new ZsetCursor(arena);
      cursor.seek(kind, root, 0);
      for (let left = count; left > 0; left--, cursor.next()) {
        if (!visit(cursor.bytes, cursor.offset, cursor.length, cursor.score)) return;
      }
    },
  };
}

function setSource(keyspace: Keyspace, ref: Ref): ScoreSource {
  const set = new SetState();
  loadSet(keyspace.arena, ref, set);
  return {
    ref,
    count: countMembers(keyspace, set),
    weight: 1,
    find: (bytes, offset, length) => (hasMember(keyspace, set, bytes, offset, length) ? 1 : NaN),
    forEach: (visit) => {
      const cursor = new SetCursor();
      cursor.open(keyspace, set.encoding, set.root);
      while (cursor.next()) {
        const { member } = cursor;
        member.render();
        if (!visit(member.bytes, member.offset, member.length, 1)) return;
      }
    },
  };
}
