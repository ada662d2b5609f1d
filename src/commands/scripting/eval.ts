import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { commandBitsOf } from "../../engine/scripting/script-flags.ts";
import { integer, key, many, optional, string } from "../../engine/word.ts";
import type { KeySpec } from "../../engine/syntax.ts";

/** Where the keys of a script are: behind their number. */
export function scriptKeys(flags: readonly string[], notes?: string): readonly KeySpec[] {
  const spec: KeySpec = {
    flags,
    begin: { index: 2 },
    find: { keyNumIndex: 0, firstKey: 1, step: 1 },
  };
  return [notes === undefined ? spec : { ...spec, notes }];
}

/** What the script says of itself, which may be looked for at once. */
function scriptBits(own: number, args: Slices, { scripting }: Engine): number {
  const flags = scripting.flagsOf(args);
  return flags === undefined ? own : commandBitsOf(own, flags);
}

const shared = {
  group: "scripting",
  complexity: "Depends on the script that is executed.",
  categories: ["scripting"],
  arity: -3,
  optionsAt: 0,
  bitsOf: scriptBits,
} as const;

const rest = [
  integer("numkeys"),
  optional(many(key("key", "RW ACCESS UPDATE"))),
  optional(many(string("arg"))),
] as const;

const flags = ["noscript", "skip_monitor", "may_replicate", "no_mandatory_keys", "stale"] as const;
const readOnlyFlags = [
  "noscript",
  "skip_monitor",
  "no_mandatory_keys",
  "stale",
  "readonly",
] as const;

export const evaluate = command({
  ...shared,
  name: "EVAL",
  summary: "Runs a Lua script.",
  since: "2.6.0",
  flags,
  words: [string("script"), ...rest],
  keySpecs: scriptKeys(
    ["RW", "ACCESS", "UPDATE"],
    "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE",
  ),

  run(context) {
    context.engine.scripting.evaluate(context, false);
  },
});

export const evaluateReadOnly = command({
  ...shared,
  name: "EVAL_RO",
  summary: "Runs a Lua script that changes nothing.",
  since: "7.0.0",
  flags: readOnlyFlags,
  words: [string("script"), ...rest],
  keySpecs: scriptKeys(
    ["RO", "ACCESS"],
    "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS",
  ),

  run(context) {
    context.engine.scripting.evaluate(context, true);
  },
});

export const evaluateDigest = command({
  ...shared,
  name: "EVALSHA",
  summary: "Runs a Lua script that the server knows already, by the SHA-1 of its text.",
  since: "2.6.0",
  flags,
  words: [string("sha1"), ...rest],
  keySpecs: scriptKeys(["RW", "ACCESS", "UPDATE"]),

  run(context) {
    context.engine.scripting.evaluateDigest(context, false);
  },
});

export const evaluateDigestReadOnly = command({
  ...shared,
  name: "EVALSHA_RO",
  summary: "The same for a script that changes nothing.",
  since: "7.0.0",
  flags: readOnlyFlags,
  words: [string("sha1"), ...rest],
  keySpecs: scriptKeys(["RO", "ACCESS"]),

  run(context) {
    context.engine.scripting.evaluateDigest(context, true);
  },
});
