import { asciiBytes } from "../../bytes/ascii.ts";
import { Slice } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { block, integer, key, optional, string } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import {
  consumerAt,
  consumerPending,
  consumersOf,
  deliveryCountAt,
  deliveryTimeAt,
  findConsumer,
  findPending,
  pendingOf,
} from "../../structures/stream-group.ts";
import { StreamId, compareIds } from "../../structures/stream-id.ts";
import {
  IdCursor,
  idAt,
  idTreeCount,
  nextPlace,
  seekCeiling,
  seekFirst,
  seekLast,
} from "../../structures/stream-id-tree.ts";
import { nameCount, namedAt, sliceName } from "../../structures/stream-names.ts";
import { endArgument, requireGroup, startArgument } from "./stream-argument.ts";
import { replyId } from "./stream-reply.ts";

const idle = asciiBytes("idle");
const name = new Slice();
const id = new StreamId();
const cursor = new IdCursor();
const place = new IdCursor();

interface PendingRange {
  readonly start: StreamId;
  readonly end: StreamId;
  readonly idleMsMin: number;
  readonly countMax: number;
  /** Index of the consumer's name; 0: all of the group. */
  readonly consumerAt: number;
}

export const xpending = command({
  name: "XPENDING",
  summary: "Tells what a group has delivered that is not yet acknowledged: in sum, or the entries.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(N) for N replied entries; with IDLE also those that are passed over.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  history: [["6.2.0", "`IDLE` and ends that are not part of the interval."]],
  words: [
    key("key", "RO access"),
    string("group"),
    optional(
      block("filters", [
        optional(integer("min-idle-time", { token: "IDLE", since: "6.2.0" })),
        string("start"),
        string("end"),
        integer("count"),
        optional(string("consumer")),
      ]),
    ),
  ],
  optionsAt: 0,

  run(context) {
    const { args, db } = context;
    const range = parseRange(context);
    const { group } = requireGroup(db, args);
    if (range === undefined) replySummary(context, group);
    else replyRange(context, group, range);
  },
});

function parseRange({ args }: Context): PendingRange | undefined {
  if (args.count === 3) return undefined;
  if (args.count < 6 || args.count > 9) throw syntaxError;
  let at = 3;
  let idleMsMin = 0;
  if (isArgument(args, 3, idle)) {
    idleMsMin = integerArgument(args, 4);
    if (args.count < 8) throw syntaxError;
    at = 5;
  }
  const countMax = Math.max(0, integerArgument(args, at + 2));
  const start = new StreamId();
  const end = new StreamId();
  startArgument(args, at, start);
  endArgument(args, at + 1, end);
  return { start, end, idleMsMin, countMax, consumerAt: at + 3 < args.count ? at + 3 : 0 };
}

/** How many entries are pending, the first and the last of them, and how many each consumer has. */
function replySummary({ db, reply }: Context, group: Ref): void {
  const { arena } = db.keyspace;
  const pending = pendingOf(arena, group);
  const count = idTreeCount(arena, pending);
  reply.array(4);
  reply.integer(count);
  if (count === 0) {
    reply.nil();
    reply.nil();
    reply.nilArray();
    return;
  }
  seekFirst(arena, pending, cursor);
  idAt(arena, pending, cursor, id);
  replyId(reply, id);
  seekLast(arena, pending, cursor);
  idAt(arena, pending, cursor, id);
  replyId(reply, id);
  const mark = reply.open();
  const consumers = consumersOf(arena, group);
  let busy = 0;
  for (let index = 0; index < nameCount(arena, consumers); index++) {
    const consumer = namedAt(arena, consumers, index);
    const own = idTreeCount(arena, consumerPending(arena, consumer));
    if (own === 0) continue;
    sliceName(arena, consumer, name);
    reply.array(2);
    reply.bulk(name.bytes, name.offset, name.length);
    reply.bulkInteger(own);
    busy++;
  }
  reply.close(mark, "array", busy);
}

/**
 * The pending entries of the range: ID, consumer, ms since the last delivery, number of deliveries.
 */
function replyRange({ args, db, reply }: Context, group: Ref, range: PendingRange): void {
  const { arena, nowMs } = db.keyspace;
  const pending = pendingOf(arena, group);
  let tree = pending;
  if (range.consumerAt > 0) {
    const at = range.consumerAt;
    const consumer = findConsumer(arena, group, args.bytes, args.offsets[at], args.lengths[at]);
    if (consumer === noRef) {
      reply.array(0);
      return;
    }
    tree = consumerPending(arena, consumer);
  }
  const mark = reply.open();
  let found = 0;
  let isOn = seekCeiling(arena, tree, range.start, cursor);
  for (; isOn && found < range.countMax; isOn = nextPlace(arena, cursor)) {
    idAt(arena, tree, cursor, id);
    if (compareIds(id, range.end) > 0) break;
    findPending(arena, group, id, place);
    const idleMs = nowMs - deliveryTimeAt(arena, pending, place);
    if (range.idleMsMin !== 0 && idleMs < range.idleMsMin) continue;
    sliceName(arena, consumerAt(arena, pending, place), name);
    reply.array(4);
    replyId(reply, id);
    reply.bulk(name.bytes, name.offset, name.length);
    reply.integer(Math.max(0, idleMs));
    reply.integer(deliveryCountAt(arena, pending, place));
    found++;
  }
  reply.close(mark, "array", found);
}
