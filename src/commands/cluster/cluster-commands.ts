// The group `cluster`.
import type { CommandDeclaration } from "../../engine/command.ts";
import { asking, readOnly, readWrite } from "./asking.ts";
import { cluster } from "./cluster.ts";

export const clusterCommands: readonly CommandDeclaration[] = [
  asking,
  cluster,
  readOnly,
  readWrite,
];
