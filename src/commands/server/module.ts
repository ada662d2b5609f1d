// MODULE: modules are machine code for Redis itself, so there are none here, and none can be had.
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { block, many, manyTokens, optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const notLoaded = new Failure("ERR Error loading the extension. Please check the server logs.");
const notUnloaded = new Failure("ERR Error unloading module: no such module with that name");

const shared = {
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["no_async_loading", "admin", "noscript", "protected"],
  optionsAt: 0,
} as const;

const list = command({
  ...shared,
  name: "LIST",
  summary: "Replies with the modules: there are none.",
  complexity: "O(N) where N is the number of loaded modules.",
  flags: ["admin", "noscript"],
  tips: ["nondeterministic_output_order"],
  words: [],

  run({ reply }) {
    reply.array(0);
  },
});

const load = command({
  ...shared,
  name: "LOAD",
  summary: "Loads a module, which always fails.",
  words: [string("path"), optional(many(string("arg")))],

  run() {
    throw notLoaded;
  },
});

const loadExtended = command({
  ...shared,
  name: "LOADEX",
  summary: "The same for a module with parameters.",
  since: "7.0.0",
  words: [
    string("path"),
    optional(manyTokens(block("configs", [string("name"), string("value")], { token: "CONFIG" }))),
    optional(many(string("args", { token: "ARGS" }))),
  ],

  run() {
    throw notLoaded;
  },
});

const unload = command({
  ...shared,
  name: "UNLOAD",
  summary: "Unloads a module, of which there is none.",
  words: [string("name")],

  run() {
    throw notUnloaded;
  },
});

export const module: CommandDeclaration = command({
  name: "MODULE",
  summary: "Commands about modules, which this server does not take.",
  since: "4.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [list, load, loadExtended, unload, help(() => module, "5.0.0")],
});
