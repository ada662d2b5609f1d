// COMMAND and its subcommands: what clients ask about commands. All of it is derived from the
// declarations, in engine/.
import { asciiBytes } from "../../bytes/ascii.ts";
import { globMatches } from "../../bytes/glob.ts";
import { Slices } from "../../bytes/slices.ts";
import { isArgument } from "../../engine/argument.ts";
import { replyCommandDocs, replyCommandInfo, replyKeyAccess } from "../../engine/command-reply.ts";
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { help } from "../../engine/help.ts";
import { FoundKeys, findKeys, hasKeys } from "../../engine/key-finder.ts";
import type { RegisteredCommand } from "../../engine/registered-command.ts";
import { many, oneOf, optional, pattern, string } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

const noSuchCommand = new Failure("ERR Invalid command specified");
const noKeys = new Failure("ERR The command has no key arguments");
const wrongCount = new Failure("ERR Invalid number of arguments specified for command");
const wrongArguments = new Failure("ERR Invalid arguments specified for command");

const filterby = asciiBytes("filterby");
const verticalBar = 0x7c;

const commandCount = command({
  name: "COUNT",
  summary: "Counts the commands, subcommands not included.",
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  words: [],

  run({ reply, engine }) {
    reply.integer(engine.commands.all.length);
  },
});

const commandDocs = command({
  name: "DOCS",
  summary: "Documents the named commands, or all: summary, history and syntax.",
  since: "7.0.0",
  group: "server",
  complexity: "O(N) for N commands.",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  words: [optional(many(string("command-name")))],

  run({ args, reply, engine }) {
    const found = namedCommands(engine, args).filter((each) => each !== undefined);
    reply.map(found.length);
    for (const each of found) {
      reply.bulkLatin1(each.fullName);
      replyCommandDocs(reply, each);
    }
  },
});

const commandGetKeys = command({
  name: "GETKEYS",
  summary: "Replies with the keys of a request, which is not run.",
  since: "2.8.13",
  group: "server",
  complexity: "O(N) for a request of N arguments.",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  words: [string("command"), optional(many(string("arg")))],

  run({ args, reply, engine }) {
    const request = requestWithin(args);
    const found = keysOf(engine, request);
    reply.array(found.count);
    for (let at = 0; at < found.count; at++) {
      const index = found.indexes[at];
      reply.bulk(request.bytes, request.offsets[index], request.lengths[index]);
    }
  },
});

const commandGetKeysAndFlags = command({
  name: "GETKEYSANDFLAGS",
  summary: "Replies with the keys of a request, which is not run, and what it would do with each.",
  since: "7.0.0",
  group: "server",
  complexity: "O(N) for a request of N arguments.",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  words: [string("command"), optional(many(string("arg")))],

  run({ args, reply, engine }) {
    const request = requestWithin(args);
    const found = keysOf(engine, request);
    reply.array(found.count);
    for (let at = 0; at < found.count; at++) {
      const index = found.indexes[at];
      reply.array(2);
      reply.bulk(request.bytes, request.offsets[index], request.lengths[index]);
      replyKeyAccess(reply, found.access[at]);
    }
  },
});

const commandInfo = command({
  name: "INFO",
  summary: "Describes the named commands, or all: arity, flags, where keys are.",
  since: "2.8.13",
  group: "server",
  complexity: "O(N) for N commands.",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  history: [["7.0.0", "Without a name it describes all commands."]],
  words: [optional(many(string("command-name")))],
  run: replyInfos,
});

const commandList = command({
  name: "LIST",
  summary:
    "Lists the names of all commands and subcommands, or of those that a filter lets through.",
  since: "7.0.0",
  group: "server",
  complexity: "O(N) for N commands.",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  words: [
    optional(
      oneOf(
        "filterby",
        [
          string("module-name", { token: "MODULE" }),
          string("category", { token: "ACLCAT" }),
          pattern("pattern", { token: "PATTERN" }),
        ],
        { token: "FILTERBY" },
      ),
    ),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    const filter = filterOf(args);
    const mark = reply.open();
    let count = 0;
    for (const parent of engine.commands.all) {
      for (const each of [parent, ...parent.subcommands]) {
        if (!filter(each)) continue;
        reply.bulkLatin1(each.fullName);
        count++;
      }
    }
    reply.close(mark, "array", count);
  },
});

export const commandCommand: CommandDeclaration = command({
  name: "COMMAND",
  summary: "Describes all commands.",
  since: "2.8.13",
  group: "server",
  complexity: "O(N) for N commands.",
  flags: ["loading", "stale", "sentinel"],
  categories: ["connection"],
  tips: ["nondeterministic_output_order"],
  arity: -1,
  words: [],
  run: replyInfos,
  subcommands: [
    commandCount,
    commandDocs,
    commandGetKeys,
    commandGetKeysAndFlags,
    commandInfo,
    commandList,
    help(() => commandCommand, "5.0.0"),
  ],
});

/** Unknown names have their place in the reply, with null in it. */
function replyInfos({ args, reply, engine }: Context): void {
  const found = namedCommands(engine, args);
  reply.array(found.length);
  for (const each of found) {
    if (each === undefined) reply.nil();
    else replyCommandInfo(reply, each);
  }
}

/**
 * The commands that the arguments after the second name, undefined for an unknown name; all when
 * there are none.
 */
function namedCommands(engine: Engine, args: Slices): readonly (RegisteredCommand | undefined)[] {
  if (args.count <= 2) return engine.commands.all;
  const found: (RegisteredCommand | undefined)[] = [];
  for (let index = 2; index < args.count; index++) found.push(findByName(engine, args, index));
  return found;
}

/** The command of a name as COMMAND prints it: `get`, `config|get`. */
function findByName(engine: Engine, args: Slices, index: number): RegisteredCommand | undefined {
  const offset = args.offsets[index];
  const end = offset + args.lengths[index];
  const bar = args.bytes.subarray(offset, end).indexOf(verticalBar);
  if (bar < 0) return engine.commands.find(args.bytes, offset, end - offset);
  const container = engine.commands.find(args.bytes, offset, bar);
  const nameAt = offset + bar + 1;
  return container?.subtable.find(args.bytes, nameAt, end - nameAt);
}

/** The arguments after the second as a request of their own. */
function requestWithin(args: Slices): Slices {
  const request = new Slices();
  request.bytes = args.bytes;
  for (let index = 2; index < args.count; index++) {
    request.push(args.offsets[index], args.lengths[index]);
  }
  return request;
}

function keysOf(engine: Engine, request: Slices): FoundKeys {
  const registered = engine.find(request);
  if (registered === undefined) throw noSuchCommand;
  if (!hasKeys(registered)) throw noKeys;
  if (!registered.acceptsCount(request.count)) throw wrongCount;
  const found = new FoundKeys();
  findKeys(registered, request, found);
  const isEmptyAllowed = registered.flags.includes("no_mandatory_keys");
  if (found.count === 0 && !isEmptyAllowed) throw wrongArguments;
  return found;
}

type CommandFilter = (command: RegisteredCommand) => boolean;

function filterOf(args: Slices): CommandFilter {
  if (args.count === 2) return () => true;
  if (args.count !== 5 || !isArgument(args, 2, filterby)) throw syntaxError;
  switch (args.latin1(3).toLowerCase()) {
    case "module":
      // There are no modules, so no command is of the one that is named.
      return () => false;
    case "aclcat": {
      const category = args.latin1(4).toLowerCase();
      return (each) => each.categories.includes(category);
    }
    case "pattern":
      return (each) => matchesName(args, 4, each.fullName);
    default:
      throw syntaxError;
  }
}

function matchesName(args: Slices, index: number, fullName: string): boolean {
  const name = asciiBytes(fullName);
  const { bytes, offsets, lengths } = args;
  return globMatches(bytes, offsets[index], lengths[index], name, 0, name.length, 1);
}
