// All commands of the hyperloglog group.
import type { CommandDeclaration } from "../../engine/command.ts";
import { pfadd, pfcount, pfmerge } from "./pfadd.ts";
import { pfdebug, pfselftest } from "./pfdebug.ts";

export const hyperloglogCommands: readonly CommandDeclaration[] = [
  pfadd,
  pfcount,
  pfdebug,
  pfmerge,
  pfselftest,
];
