// The group `scripting`.
import type { CommandDeclaration } from "../../engine/command.ts";
import { evaluate, evaluateDigest, evaluateDigestReadOnly, evaluateReadOnly } from "./eval.ts";
import { script } from "./script.ts";

export const scriptingCommands: readonly CommandDeclaration[] = [
  evaluate,
  evaluateReadOnly,
  evaluateDigest,
  evaluateDigestReadOnly,
  script,
];
