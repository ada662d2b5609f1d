// All commands that the server knows, group by group.
import type { CommandDeclaration } from "../engine/command.ts";
import { connectionCommands } from "./connection/connection-commands.ts";
import { genericCommands } from "./generic/generic-commands.ts";
import { hashCommands } from "./hash/hash-commands.ts";
import { geoCommands } from "./geo/geo-commands.ts";
import { listCommands } from "./list/list-commands.ts";
import { pubsubCommands } from "./pubsub/pubsub-commands.ts";
import { serverCommands } from "./server/server-commands.ts";
import { setCommands } from "./set/set-commands.ts";
import { sortedSetCommands } from "./sorted-set/sorted-set-commands.ts";
import { stringCommands } from "./string/string-commands.ts";
import { transactionCommands } from "./transactions/transaction-commands.ts";

export const commands: readonly CommandDeclaration[] = [
  ...stringCommands,
  ...setCommands,
  ...hashCommands,
  ...listCommands,
  ...sortedSetCommands,
  ...geoCommands,
  ...genericCommands,
  ...connectionCommands,
  ...serverCommands,
  ...pubsubCommands,
  ...transactionCommands,
];
