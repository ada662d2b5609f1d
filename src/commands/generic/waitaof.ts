import { positiveArgument, rangeArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const noAof = new Failure(
  "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
);
const wrongTimeout = new Failure("ERR timeout is not an integer or out of range");
const negativeTimeout = new Failure("ERR timeout is negative");
/** There is no replication yet: nobody else has anything in a file. */
const replicas = 0;

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
    const locals = rangeArgument(args, 1, 0, 1);
    const wanted = positiveArgument(args, 2);
    const timeoutMs = rangeArgument(args, 3, -Infinity, Infinity, wrongTimeout);
    if (timeoutMs < 0) throw negativeTimeout;
    const { persistence } = engine.host;
    if (locals > 0 && !persistence.hasAof) throw noAof;
    const isSafe = (): boolean => persistence.syncedOffset >= session.writeOffset;
    const answer = (to: ReplyWriter): void => {
      to.array(2);
      to.integer(isSafe() && persistence.hasAof ? 1 : 0);
      to.integer(replicas);
    };
    const isDone = (): boolean => (locals === 0 || isSafe()) && replicas >= wanted;
    if (isDone()) {
      answer(reply);
      return;
    }
    engine.block(context, {
      keys: [],
      deadlineMs: timeoutMs === 0 ? 0 : db.keyspace.nowMs + timeoutMs,
      retry: (later: Context) => {
        if (locals > 0 && !persistence.hasAof) throw noAof;
        if (!isDone()) return false;
        answer(later.reply);
        return true;
      },
      timedOut: answer,
    });
  },
});
