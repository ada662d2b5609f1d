import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { globMatches } from "../../bytes/glob.ts";
import { isArgument } from "../../engine/argument.ts";
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { busyEval } from "../../engine/failures.ts";
import { help } from "../../engine/help.ts";
import type { Library, LibraryFunction } from "../../engine/scripting/function-set.ts";
import type { ScriptRun } from "../../engine/scripting/script-run.ts";
import { scriptFlagNames } from "../../engine/scripting/script-flags.ts";
import { oneOf, optional, string, token } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import {
  decodeFunctions,
  encodeFunctions,
  isWholePayload,
} from "../../persistence/dump-payload.ts";
import { RdbWriter } from "../../persistence/rdb-writer.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const noCode = new Failure("ERR Function code is missing");
const noPattern = new Failure("ERR library name argument was not given");
const wrongFlush = new Failure("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
const wrongPayload = new Failure("ERR DUMP payload version or checksum are wrong");
const wrongPolicy = new Failure(
  "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
);
const replaceWord = asciiBytes("replace");
const withCodeWord = asciiBytes("withcode");
const libraryNameWord = asciiBytes("libraryname");
const syncWord = asciiBytes("sync");
const asyncWord = asciiBytes("async");
const policies = ["flush", "append", "replace"] as const;

const shared = {
  since: "7.0.0",
  group: "scripting",
  categories: ["scripting"],
} as const;
const onAllShards = ["request_policy:all_shards", "response_policy:all_succeeded"] as const;

const deleteLibrary = command({
  ...shared,
  name: "DELETE",
  summary: "Deletes a library with its functions.",
  complexity: "O(1)",
  flags: ["noscript", "write"],
  tips: onAllShards,
  words: [string("library-name")],

  run({ args, reply, engine }) {
    engine.scripting.functions.delete(args.latin1(2));
    reply.ok();
  },
});

const dump = command({
  ...shared,
  name: "DUMP",
  summary: "Replies with all libraries in the form that FUNCTION RESTORE takes.",
  complexity: "O(N) where N is the number of functions",
  flags: ["noscript"],
  words: [],

  run({ reply, engine }) {
    const writer = new RdbWriter({ compresses: engine.host.settings.rdbcompression });
    encodeFunctions(engine.scripting.functions.set.codes, writer);
    reply.bulk(writer.buffer, 0, writer.position);
  },
});

const flush = command({
  ...shared,
  name: "FLUSH",
  summary: "Deletes all libraries.",
  complexity: "O(N) where N is the number of functions deleted",
  flags: ["noscript", "write"],
  tips: onAllShards,
  words: [optional(oneOf("flush-type", [token("async"), token("sync")]))],
  optionsAt: 0,

  run({ args, reply, engine }) {
    if (args.count > 3) throw unknownSubcommandOf(args);
    const isTyped = args.count === 3;
    if (isTyped && !isArgument(args, 2, syncWord) && !isArgument(args, 2, asyncWord)) {
      throw wrongFlush;
    }
    const isLazy = isTyped
      ? isArgument(args, 2, asyncWord)
      : engine.host.settings.lazyfreeLazyUserFlush;
    engine.scripting.functions.flush({ isLazy });
    reply.ok();
  },
});

const kill = command({
  ...shared,
  name: "KILL",
  summary: "Ends the function that runs, if it has not written anything.",
  complexity: "O(1)",
  flags: ["noscript", "allow_busy"],
  tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
  words: [],

  run({ reply, engine }) {
    engine.scripting.kill({ isEval: false });
    reply.ok();
  },
});

const list = command({
  ...shared,
  name: "LIST",
  summary: "Replies with the libraries, or those whose names match, and their functions.",
  complexity: "O(N) where N is the number of functions",
  flags: ["noscript"],
  tips: ["nondeterministic_output_order"],
  words: [
    optional(string("library-name-pattern", { token: "LIBRARYNAME" })),
    optional(token("withcode")),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    let patternIndex = 0;
    let hasCode = false;
    for (let index = 2; index < args.count; index++) {
      if (!hasCode && isArgument(args, index, withCodeWord)) {
        hasCode = true;
      } else if (patternIndex === 0 && isArgument(args, index, libraryNameWord)) {
        patternIndex = ++index;
        if (index >= args.count) throw noPattern;
      } else {
        throw new Failure(`ERR Unknown argument ${args.latin1(index)}`);
      }
    }
    const pattern = patternIndex === 0 ? undefined : args.copy(patternIndex);
    const { libraries } = engine.scripting.functions.set;
    const listed = [...libraries.values()].filter((each) => matches(pattern, each.name));
    reply.array(listed.length);
    for (const each of listed) writeLibrary(reply, each, hasCode);
  },
});

function matches(pattern: Uint8Array | undefined, name: string): boolean {
  if (pattern === undefined) return true;
  return globMatches(pattern, 0, pattern.length, asciiBytes(name), 0, name.length, 1);
}

function writeLibrary(reply: ReplyWriter, library: Library, hasCode: boolean): void {
  const { name, functions, code } = library;
  reply.map(hasCode ? 4 : 3);
  reply.bulkLatin1("library_name");
  reply.bulkLatin1(name);
  reply.bulkLatin1("engine");
  reply.bulkLatin1("LUA");
  reply.bulkLatin1("functions");
  reply.array(functions.size);
  for (const each of functions.values()) writeFunction(reply, each);
  if (!hasCode) return;
  reply.bulkLatin1("library_code");
  reply.bulk(code, 0, code.length);
}

function writeFunction(reply: ReplyWriter, { name, description, flags }: LibraryFunction): void {
  reply.map(3);
  reply.bulkLatin1("name");
  reply.bulkLatin1(name);
  reply.bulkLatin1("description");
  if (description === undefined) reply.nil();
  else reply.bulkLatin1(description);
  reply.bulkLatin1("flags");
  const names = [...scriptFlagNames].filter(([, flag]) => (flags & flag) !== 0);
  reply.set(names.length);
  for (const [each] of names) reply.simple(each);
}

const load = command({
  ...shared,
  name: "LOAD",
  summary: "Adds a library; replies with its name.",
  complexity: "O(1) (considering compilation time is redundant)",
  flags: ["noscript", "write", "denyoom"],
  tips: onAllShards,
  words: [optional(token("replace")), string("function-code")],
  optionsAt: 0,

  run({ args, reply, session, engine }) {
    const last = args.count - 1;
    let replaces = false;
    for (let index = 2; index < last; index++) {
      if (!isArgument(args, index, replaceWord)) {
        throw new Failure(`ERR Unknown option given: ${args.latin1(index)}`);
      }
      replaces = true;
    }
    if (last < 2) throw noCode;
    const isLimited = !session.isReplay;
    reply.bulkLatin1(engine.scripting.functions.load(args.copy(last), { replaces, isLimited }));
  },
});

const restore = command({
  ...shared,
  name: "RESTORE",
  summary: "Adds libraries that FUNCTION DUMP has given, or puts them in the place of others.",
  complexity: "O(N) where N is the number of functions on the payload",
  flags: ["noscript", "write", "denyoom"],
  tips: onAllShards,
  words: [
    string("serialized-value"),
    optional(oneOf("policy", [token("flush"), token("append"), token("replace")])),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    if (args.count > 4) throw unknownSubcommandOf(args);
    const word = args.count === 4 ? args.latin1(3).toLowerCase() : "append";
    const policy = policies.find((each) => each === word);
    if (policy === undefined) throw wrongPolicy;
    const { bytes, offsets, lengths } = args;
    const hasChecksum = engine.checksChecksums;
    if (!isWholePayload(bytes, offsets[2], lengths[2], { hasChecksum })) throw wrongPayload;
    const codes = decodeFunctions(bytes, offsets[2], lengths[2]);
    if (typeof codes === "string") throw new Failure(`ERR ${codes}`);
    engine.scripting.functions.restore(codes, policy);
    reply.ok();
  },
});

const stats = command({
  ...shared,
  name: "STATS",
  summary: "Replies with the function that runs, and how many functions there are.",
  complexity: "O(1)",
  flags: ["noscript", "allow_busy"],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  words: [],

  run({ reply, engine }) {
    const { run, functions } = engine.scripting;
    if (run.isRunning && run.isEval) throw busyEval;
    reply.map(2);
    reply.bulkLatin1("running_script");
    if (run.args === undefined) reply.nil();
    else writeRun(reply, run, run.args);
    reply.bulkLatin1("engines");
    reply.map(1);
    reply.bulkLatin1("LUA");
    reply.map(2);
    reply.bulkLatin1("libraries_count");
    reply.integer(functions.set.libraries.size);
    reply.bulkLatin1("functions_count");
    reply.integer(functions.set.functionCount);
  },
});

function writeRun(reply: ReplyWriter, { name, durationMs }: ScriptRun, args: Slices): void {
  reply.map(3);
  reply.bulkLatin1("name");
  reply.bulkLatin1(name);
  reply.bulkLatin1("command");
  reply.array(args.count);
  for (let index = 0; index < args.count; index++) {
    reply.bulk(args.bytes, args.offsets[index], args.lengths[index]);
  }
  reply.bulkLatin1("duration_ms");
  reply.integer(durationMs);
}

function unknownSubcommandOf(args: Slices): Failure {
  return new Failure(
    `ERR unknown subcommand or wrong number of arguments for '${args.latin1(1)}'. ` +
      "Try FUNCTION HELP.",
  );
}

export const functions: CommandDeclaration = command({
  ...shared,
  name: "FUNCTION",
  summary: "Commands about libraries of functions.",
  categories: [],
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [
    deleteLibrary,
    dump,
    flush,
    help(() => functions, "7.0.0"),
    kill,
    list,
    load,
    restore,
    stats,
  ],
});
