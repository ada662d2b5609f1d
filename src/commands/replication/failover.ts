import { integerArgument } from "../../engine/argument.ts";
import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import type { FailoverRequest } from "../../engine/following-control.ts";
import { block, integer, optional, string, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

const notUnderWay = new Failure("ERR No failover in progress.");
const timeoutNotPositive = new Failure("ERR FAILOVER timeout must be greater than 0");

function parseRequest(args: Slices): FailoverRequest {
  let to: FailoverRequest["to"];
  let timeoutMs = 0;
  let isForced = false;
  for (let index = 1; index < args.count; index++) {
    const word = args.latin1(index).toLowerCase();
    if (word === "timeout" && index + 1 < args.count && timeoutMs === 0) {
      timeoutMs = integerArgument(args, ++index);
      if (timeoutMs <= 0) throw timeoutNotPositive;
    } else if (word === "to" && index + 2 < args.count && to === undefined) {
      to = { host: args.latin1(index + 1), port: integerArgument(args, index + 2) };
      index += 2;
    } else if (word === "force" && !isForced) {
      isForced = true;
    } else {
      throw syntaxError;
    }
  }
  return { to, timeoutMs, isForced };
}

export const failover = command({
  name: "FAILOVER",
  summary: "Hands the role of the primary to one of its replicas, and loses nothing.",
  since: "6.2.0",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "noscript", "stale"],
  words: [
    optional(
      block("target", [string("host"), integer("port"), optional(token("force"))], { token: "TO" }),
    ),
    optional(token("abort")),
    optional(integer("milliseconds", { token: "TIMEOUT" })),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    const { following } = engine.host;
    if (args.count === 2 && args.latin1(1).toLowerCase() === "abort") {
      if (!following.isFailingOver) throw notUnderWay;
      following.abortFailover("Failover manually aborted");
    } else {
      following.failOver(parseRequest(args));
    }
    reply.ok();
  },
});
