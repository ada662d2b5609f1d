// All commands of the geo group.
import type { CommandDeclaration } from "../../engine/command.ts";
import { geoadd } from "./geoadd.ts";
import { geodist } from "./geodist.ts";
import { geohash } from "./geohash.ts";
import { geopos } from "./geopos.ts";
import { georadius, georadiusRo, georadiusbymember, georadiusbymemberRo } from "./georadius.ts";
import { geosearch, geosearchstore } from "./geosearch.ts";

export const geoCommands: readonly CommandDeclaration[] = [
  geoadd,
  geodist,
  geohash,
  geopos,
  georadius,
  georadiusRo,
  georadiusbymember,
  georadiusbymemberRo,
  geosearch,
  geosearchstore,
];
