// All commands that the server knows, group by group.
import type { CommandDeclaration } from "../engine/command.ts";
import { aclCommands } from "./acl/acl-commands.ts";
import { bitmapCommands } from "./bitmap/bitmap-commands.ts";
import { clusterCommands } from "./cluster/cluster-commands.ts";
import { connectionCommands } from "./connection/connection-commands.ts";
import { genericCommands } from "./generic/generic-commands.ts";
import { hashCommands } from "./hash/hash-commands.ts";
import { geoCommands } from "./geo/geo-commands.ts";
import { hyperloglogCommands } from "./hyperloglog/hyperloglog-commands.ts";
import { listCommands } from "./list/list-commands.ts";
import { pubsubCommands } from "./pubsub/pubsub-commands.ts";
import { replicationCommands } from "./replication/replication-commands.ts";
import { scriptingCommands } from "./scripting/scripting-commands.ts";
import { serverCommands } from "./server/server-commands.ts";
import { setCommands } from "./set/set-commands.ts";
import { sortedSetCommands } from "./sorted-set/sorted-set-commands.ts";
import { streamCommands } from "./stream/stream-commands.ts";
import { stringCommands } from "./string/string-commands.ts";
import { transactionCommands } from "./transactions/transaction-commands.ts";

export const commands: readonly CommandDeclaration[] = [
  ...stringCommands,
  ...bitmapCommands,
  ...hyperloglogCommands,
  ...setCommands,
  ...hashCommands,
  ...listCommands,
  ...sortedSetCommands,
  ...streamCommands,
  ...geoCommands,
  ...genericCommands,
  ...connectionCommands,
  ...serverCommands,
  ...aclCommands,
  ...replicationCommands,
  ...pubsubCommands,
  ...transactionCommands,
  ...scriptingCommands,
  ...clusterCommands,
];
