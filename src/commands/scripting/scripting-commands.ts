// The group `scripting`.
import type { CommandDeclaration } from "../../engine/command.ts";
import { evaluate, evaluateDigest, evaluateDigestReadOnly, evaluateReadOnly } from "./eval.ts";
import { fcall, fcallReadOnly } from "./fcall.ts";
import { functions } from "./function.ts";
import { script } from "./script.ts";

export const scriptingCommands: readonly CommandDeclaration[] = [
  evaluate,
  evaluateReadOnly,
  evaluateDigest,
  evaluateDigestReadOnly,
  script,
  fcall,
  fcallReadOnly,
  functions,
];
