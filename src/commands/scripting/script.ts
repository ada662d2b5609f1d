import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { many, oneOf, optional, string, token } from "../../engine/word.ts";
import { isArgument } from "../../engine/argument.ts";
import { asciiBytes } from "../../bytes/ascii.ts";
import { Failure } from "../../keyspace/failure.ts";

const wrongFlush = new Failure("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
const wrongDebug = new Failure("ERR Use SCRIPT DEBUG YES/SYNC/NO");
const noDebugger = new Failure("ERR this server has no debugger for Lua scripts");
const sync = asciiBytes("sync");
const async = asciiBytes("async");
const yes = asciiBytes("yes");
const no = asciiBytes("no");

const debug = command({
  name: "DEBUG",
  summary: "Would let scripts be debugged, for which there is nothing here; NO is taken.",
  since: "3.2.0",
  group: "scripting",
  complexity: "O(1)",
  flags: ["noscript"],
  categories: ["scripting"],
  words: [oneOf("mode", [token("yes"), token("sync"), token("no")])],
  optionsAt: 0,

  run({ args, reply }) {
    // Redis differs: it steps through scripts, in a process of its own.
    if (isArgument(args, 2, yes) || isArgument(args, 2, sync)) throw noDebugger;
    if (!isArgument(args, 2, no)) throw wrongDebug;
    reply.ok();
  },
});

const exists = command({
  name: "EXISTS",
  summary: "Tells of each SHA-1 whether a script of that sum is known.",
  since: "2.6.0",
  group: "scripting",
  complexity: "O(N) with N being the number of scripts to check",
  flags: ["noscript"],
  categories: ["scripting"],
  tips: ["request_policy:all_shards", "response_policy:agg_logical_and"],
  words: [many(string("sha1"))],

  run({ args, reply, engine }) {
    const { cache } = engine.scripting;
    reply.array(args.count - 2);
    for (let index = 2; index < args.count; index++) {
      reply.integer(cache.findByDigest(args, index) === undefined ? 0 : 1);
    }
  },
});

const flush = command({
  name: "FLUSH",
  summary: "Forgets all scripts.",
  since: "2.6.0",
  group: "scripting",
  complexity: "O(N) with N being the number of scripts in cache",
  flags: ["noscript"],
  categories: ["scripting"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  history: [["6.2.0", "The words `ASYNC` and `SYNC`."]],
  words: [optional(oneOf("flush-type", [token("async"), token("sync")], { since: "6.2.0" }))],
  optionsAt: 0,

  run({ args, reply, engine }) {
    const isPlain = args.count === 2;
    const isTyped = args.count === 3 && (isArgument(args, 2, sync) || isArgument(args, 2, async));
    if (!isPlain && !isTyped) throw wrongFlush;
    engine.scripting.flush();
    reply.ok();
  },
});

const kill = command({
  name: "KILL",
  summary: "Ends the script that runs, if it has not written anything.",
  since: "2.6.0",
  group: "scripting",
  complexity: "O(1)",
  flags: ["noscript", "allow_busy"],
  categories: ["scripting"],
  tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
  words: [],

  run({ reply, engine }) {
    engine.scripting.kill({ isEval: true });
    reply.ok();
  },
});

const load = command({
  name: "LOAD",
  summary: "Keeps a script for EVALSHA without running it; replies with its SHA-1.",
  since: "2.6.0",
  group: "scripting",
  complexity: "O(N) with N being the length in bytes of the script body.",
  flags: ["noscript", "stale"],
  categories: ["scripting"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [string("script")],

  run({ args, reply, engine }) {
    reply.bulkLatin1(engine.scripting.load(args, 2, false).sha);
  },
});

export const script: CommandDeclaration = command({
  name: "SCRIPT",
  summary: "Commands about the scripts that the server knows.",
  since: "2.6.0",
  group: "scripting",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [debug, exists, flush, kill, load, help(() => script, "5.0.0")],
});
