import { integerArgument, rangeArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, string, token } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { Claim } from "../../keyspace/stream-groups.ts";
import type { Database } from "../../keyspace/database.ts";
import type { Ref } from "../../memory/arena.ts";
import { pendingOf } from "../../structures/stream-group.ts";
import { StreamId, copyId, incrementId, zeroId } from "../../structures/stream-id.ts";
import { IdCursor, idAt, seekCeiling } from "../../structures/stream-id-tree.ts";
import { PropagatedClaims } from "./stream-claims.ts";
import { requireGroup, startArgument } from "./stream-argument.ts";
import { replyEntryOf, replyId } from "./stream-reply.ts";

const invalidIdle = new Failure("ERR Invalid min-idle-time argument for XAUTOCLAIM");
const countNotPositive = new Failure("ERR COUNT must be > 0");
const countDefault = 100;
/** So many entries are looked at for each that may be claimed. */
const attemptsFactor = 10;
const countMax = Math.floor(2 ** 63 / 16);

export const xautoclaim = command({
  name: "XAUTOCLAIM",
  summary:
    "Gives entries that a group has pending for too long to a consumer, from an ID on, and says " +
    "where to go on.",
  since: "6.2.0",
  group: "stream",
  complexity: "O(1) if COUNT is small.",
  flags: ["write", "fast"],
  tips: ["nondeterministic_output"],
  history: [["7.0.0", "The reply also has the IDs of deleted entries, which are pending no more."]],
  words: [
    key("key", "RW delete"),
    string("group"),
    string("consumer"),
    string("min-idle-time"),
    string("start"),
    optional(integer("count", { token: "COUNT" })),
    optional(token("justid")),
  ],

  run({ args, options, db, reply, engine }) {
    const { arena, nowMs } = db.keyspace;
    const idleMsMin = Math.max(0, integerArgument(args, 4, invalidIdle));
    const start = new StreamId();
    startArgument(args, 5, start);
    const at = options.count;
    const count = at === 0 ? countDefault : rangeArgument(args, at, 1, countMax, countNotPositive);
    const { root, group } = requireGroup(db, args);
    const claims = new PropagatedClaims(engine, db, root, { args, key: 1, name: 2, group });
    const consumer = claims.touchConsumer();
    const isIdOnly = options.justid !== 0;
    const claim: Claim = {
      idleMsMin,
      deliveryTimeMs: nowMs,
      deliveryCount: -1,
      isIdOnly,
      isForced: false,
    };
    const found = claimFrom(db, group, consumer, claims, { start, count, claim });
    claims.finish(false);
    reply.array(3);
    replyId(reply, found.next);
    reply.array(found.claimed.length);
    for (const id of found.claimed) {
      if (isIdOnly) replyId(reply, id);
      else replyEntryOf(reply, arena, root, id);
    }
    reply.array(found.gone.length);
    for (const id of found.gone) replyId(reply, id);
  },
});

interface Claims {
  readonly claimed: StreamId[];
  readonly gone: StreamId[];
  /** Where to go on; 0-0: all was looked at. */
  readonly next: StreamId;
}

/** Claims up to `count` entries from an ID on; those that are gone count too. */
function claimFrom(
  db: Database,
  group: Ref,
  consumer: Ref,
  claims: PropagatedClaims,
  from: { readonly start: StreamId; readonly count: number; readonly claim: Claim },
): Claims {
  const { arena } = db.keyspace;
  const found: Claims = { claimed: [], gone: [], next: new StreamId() };
  const cursor = new IdCursor();
  const pending = pendingOf(arena, group);
  const { next } = found;
  copyId(from.start, next);
  let attempts = from.count * attemptsFactor;
  let left = from.count;
  for (;;) {
    // Claiming may have changed the tree, so each entry is looked up anew.
    if (!seekCeiling(arena, pending, next, cursor)) {
      copyId(zeroId, next);
      return found;
    }
    idAt(arena, pending, cursor, next);
    if (attempts-- <= 0 || left === 0) return found;
    const id = new StreamId();
    copyId(next, id);
    const result = claims.claim(consumer, id, from.claim);
    if (result === "claimed") found.claimed.push(id);
    else if (result === "gone") found.gone.push(id);
    if (result !== "not claimed") left--;
    if (!incrementId(next)) return found;
  }
}
