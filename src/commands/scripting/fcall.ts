import { command } from "../../engine/command.ts";
import { integer, key, many, optional, string } from "../../engine/word.ts";
import { scriptKeys } from "./eval.ts";

const shared = {
  since: "7.0.0",
  group: "scripting",
  complexity: "Depends on the function that is executed.",
  categories: ["scripting"],
  words: [
    string("function"),
    integer("numkeys"),
    optional(many(key("key", "RW ACCESS UPDATE"))),
    optional(many(string("arg"))),
  ],
  arity: -3,
  optionsAt: 0,
} as const;

export const fcall = command({
  ...shared,
  name: "FCALL",
  summary: "Calls a function.",
  flags: ["noscript", "skip_monitor", "may_replicate", "no_mandatory_keys", "stale"],
  keySpecs: scriptKeys(
    ["RW", "ACCESS", "UPDATE"],
    "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE",
  ),
  bitsOf: (own, args, { scripting }) => scripting.functions.bitsOf(own, args.latin1(1)),

  run(context) {
    context.engine.scripting.functions.call(context, false);
  },
});

export const fcallReadOnly = command({
  ...shared,
  name: "FCALL_RO",
  summary: "Calls a function that changes nothing.",
  flags: ["noscript", "skip_monitor", "no_mandatory_keys", "stale", "readonly"],
  keySpecs: scriptKeys(
    ["RO", "ACCESS"],
    "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS",
  ),
  bitsOf: (own, args, { scripting }) => scripting.functions.bitsOf(own, args.latin1(1)),

  run(context) {
    context.engine.scripting.functions.call(context, true);
  },
});
