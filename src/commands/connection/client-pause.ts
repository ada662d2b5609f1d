// CLIENT PAUSE and CLIENT UNPAUSE.
import { asciiBytes } from "../../bytes/ascii.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, oneOf, optional, token } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const writeWord = asciiBytes("write");
const allWord = asciiBytes("all");
const invalidMode = new Failure("ERR CLIENT PAUSE mode must be WRITE or ALL");
const invalidTimeout = new Failure("ERR timeout is not an integer or out of range");
const negativeTimeout = new Failure("ERR timeout is negative");
const timeoutOutOfRange = new Failure("ERR timeout is out of range");

export const clientPause = command({
  name: "PAUSE",
  summary: "Holds back the commands of all clients, or only those that write, for a time.",
  since: "3.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
  history: [["6.2.0", "The mode `WRITE`, which lets reads through."]],
  words: [
    integer("timeout"),
    optional(oneOf("mode", [token("write"), token("all")], { since: "6.2.0" })),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    if (args.count > 4) throw engine.wrongArity();
    const isWrite = args.count === 4 && isArgument(args, 3, writeWord);
    if (args.count === 4 && !isWrite && !isArgument(args, 3, allWord)) throw invalidMode;
    const timeoutMs = integerArgument(args, 2, invalidTimeout);
    if (timeoutMs < 0) throw negativeTimeout;
    const endMs = engine.keyspace.nowMs + timeoutMs;
    if (endMs > 2 ** 63 - 1) throw timeoutOutOfRange;
    engine.pause.begin(isWrite ? "write" : "all", timeoutMs === 0 ? 0 : endMs);
    reply.ok();
  },
});

export const clientUnpause = command({
  name: "UNPAUSE",
  summary: "Ends a CLIENT PAUSE at once.",
  since: "6.2.0",
  group: "connection",
  complexity: "O(N) where N is the number of clients that wait",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
  words: [],

  run({ reply, engine }) {
    if (engine.pause.isActive) engine.pause.end();
    reply.ok();
  },
});
