// All commands that the server knows, group by group.
import type { CommandDeclaration } from "../engine/command.ts";
import { connectionCommands } from "./connection/connection-commands.ts";
import { genericCommands } from "./generic/generic-commands.ts";
import { serverCommands } from "./server/server-commands.ts";
import { setCommands } from "./set/set-commands.ts";
import { stringCommands } from "./string/string-commands.ts";

export const commands: readonly CommandDeclaration[] = [
  ...stringCommands,
  ...setCommands,
  ...genericCommands,
  ...connectionCommands,
  ...serverCommands,
];
