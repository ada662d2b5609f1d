import { rangeArgument } from "../../engine/argument.ts";
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { integer, optional } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const countDefault = 10;
const wrongCount = new Failure("ERR count should be greater than or equal to -1");

const slowlogGet = command({
  name: "GET",
  summary: "Replies with the latest slow commands, ten unless told; -1 is all.",
  since: "2.2.12",
  group: "server",
  complexity: "O(N) where N is the number of entries returned",
  flags: ["admin", "loading", "stale"],
  tips: ["request_policy:all_nodes", "nondeterministic_output"],
  history: [["4.0.0", "Tells the client's address and name."]],
  words: [optional(integer("count"))],
  optionsAt: 0,
  arity: -2,

  run({ args, reply, engine }) {
    if (args.count > 3) throw engine.wrongArity();
    const { slowLog } = engine.timing;
    const asked =
      args.count === 3
        ? rangeArgument(args, 2, -1, Number.MAX_SAFE_INTEGER, wrongCount)
        : countDefault;
    const entries = slowLog.latest(asked === -1 ? slowLog.length : asked);
    reply.array(entries.length);
    for (const entry of entries) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.timeSeconds);
      reply.integer(entry.microseconds);
      reply.array(entry.words.length);
      for (const word of entry.words) reply.bulk(word, 0, word.length);
      reply.bulkLatin1(entry.clientAddress);
      reply.bulkLatin1(entry.clientName);
    }
  },
});

const slowlogLen = command({
  name: "LEN",
  summary: "Replies with the number of slow commands that are remembered.",
  since: "2.2.12",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
  words: [],

  run({ reply, engine }) {
    reply.integer(engine.timing.slowLog.length);
  },
});

const slowlogReset = command({
  name: "RESET",
  summary: "Forgets all slow commands.",
  since: "2.2.12",
  group: "server",
  complexity: "O(N) where N is the number of entries in the slowlog",
  flags: ["admin", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [],

  run({ reply, engine }) {
    engine.timing.slowLog.reset();
    reply.ok();
  },
});

export const slowlog: CommandDeclaration = command({
  name: "SLOWLOG",
  summary: "Commands about the log of slow commands.",
  since: "2.2.12",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [slowlogGet, slowlogLen, slowlogReset, help(() => slowlog, "6.2.0")],
});
