// WAIT and WAITAOF: until replicas have what the client has written, or files have.
import { integerArgument, positiveArgument, rangeArgument } from "../../engine/argument.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const noAof = new Failure(
  "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
);
const wrongTimeout = new Failure("ERR timeout is not an integer or out of range");
const timeoutOutOfRange = new Failure("ERR timeout is out of range");
const negativeTimeout = new Failure("ERR timeout is negative");

const waitOnReplica = new Failure(
  "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a " +
    "replica is configured to be writable (which is not the default) writes to replicas are just " +
    "local and are not propagated.",
);
const waitAofOnReplica = new Failure(
  "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas " +
    "are just local and are not propagated.",
);

/** When to give up, in ms since 1970; 0: never. */
function deadlineArgument(args: Slices, index: number, nowMs: number): number {
  const timeoutMs = rangeArgument(args, index, -Infinity, Infinity, wrongTimeout);
  if (timeoutMs < 0) throw negativeTimeout;
  // No sum of it and the time may be beyond 64 bits.
  if (nowMs + timeoutMs >= 2 ** 63) throw timeoutOutOfRange;
  return timeoutMs === 0 ? 0 : nowMs + timeoutMs;
}

export const wait = command({
  name: "WAIT",
  summary: "Waits until replicas have applied what the client has written.",
  since: "3.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["blocking"],
  categories: ["connection"],
  isOutsideGroupCategory: true,
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  words: [integer("numreplicas"), integer("timeout")],

  run(context) {
    const { args, db, reply, session, engine } = context;
    if (engine.host.following.primary !== undefined) throw waitOnReplica;
    const wanted = integerArgument(args, 1);
    const deadlineMs = deadlineArgument(args, 2, db.keyspace.nowMs);
    const { replication } = engine.host;
    const offset = session.writeOffset;
    const count = (): number => replication.countAcknowledged(offset, "applied");
    if (count() >= wanted) {
      reply.integer(count());
      return;
    }
    engine.block(context, {
      keys: [],
      deadlineMs,
      retry: (later: Context) => {
        if (count() < wanted) return false;
        later.reply.integer(count());
        return true;
      },
      timedOut: (to) => to.integer(count()),
    });
    replication.requestAcks();
  },
});

export const waitAof = command({
  name: "WAITAOF",
  summary: "Waits until what the client has written is safe in append-only files.",
  since: "7.2.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["blocking"],
  categories: ["connection"],
  isOutsideGroupCategory: true,
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  words: [integer("numlocal"), integer("numreplicas"), integer("timeout")],

  run(context) {
    const { args, db, reply, session, engine } = context;
    if (engine.host.following.primary !== undefined) throw waitAofOnReplica;
    const locals = rangeArgument(args, 1, 0, 1);
    const wanted = positiveArgument(args, 2);
    const deadlineMs = deadlineArgument(args, 3, db.keyspace.nowMs);
    const { persistence, replication } = engine.host;
    if (locals > 0 && !persistence.hasAof) throw noAof;
    const offset = session.writeOffset;
    const isSafe = (): boolean => persistence.syncedOffset >= offset;
    const count = (): number => replication.countAcknowledged(offset, "safe");
    const answer = (to: ReplyWriter): void => {
      to.array(2);
      to.integer(isSafe() && persistence.hasAof ? 1 : 0);
      to.integer(count());
    };
    const isDone = (): boolean => (locals === 0 || isSafe()) && count() >= wanted;
    if (isDone()) {
      answer(reply);
      return;
    }
    engine.block(context, {
      keys: [],
      deadlineMs,
      retry: (later: Context) => {
        if (locals > 0 && !persistence.hasAof) throw noAof;
        if (!isDone()) return false;
        answer(later.reply);
        return true;
      },
      timedOut: answer,
    });
    if (wanted > 0) replication.requestAcks();
  },
});
