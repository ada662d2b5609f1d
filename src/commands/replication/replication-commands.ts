// The commands of replication, which COMMAND counts among other groups.
import type { CommandDeclaration } from "../../engine/command.ts";
import { failover } from "./failover.ts";
import { psync, sync } from "./psync.ts";
import { replicaOf, slaveOf } from "./replicaof.ts";
import { replconf } from "./replconf.ts";
import { role } from "./role.ts";
import { wait, waitAof } from "./wait.ts";

export const replicationCommands: readonly CommandDeclaration[] = [
  failover,
  psync,
  replicaOf,
  slaveOf,
  replconf,
  role,
  sync,
  wait,
  waitAof,
];
