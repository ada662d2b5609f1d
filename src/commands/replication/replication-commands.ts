// The commands of replication, which COMMAND counts among other groups.
import type { CommandDeclaration } from "../../engine/command.ts";
import { psync, sync } from "./psync.ts";
import { replconf } from "./replconf.ts";
import { role } from "./role.ts";
import { wait, waitAof } from "./wait.ts";

export const replicationCommands: readonly CommandDeclaration[] = [
  psync,
  replconf,
  role,
  sync,
  wait,
  waitAof,
];
