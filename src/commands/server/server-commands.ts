// The group `server`.
import type { CommandDeclaration } from "../../engine/command.ts";
import { commandCommand } from "./command.ts";
import { config } from "./config.ts";
import { dbSize } from "./dbsize.ts";
import { debug } from "./debug.ts";
import { flushAll, flushDb } from "./flush.ts";
import { info } from "./info.ts";
import { latency } from "./latency.ts";
import { lolwut } from "./lolwut.ts";
import { memory } from "./memory.ts";
import { module } from "./module.ts";
import { monitor } from "./monitor.ts";
import { bgrewriteaof, bgsave, lastsave, save } from "./save.ts";
import { shutdown } from "./shutdown.ts";
import { slowlog } from "./slowlog.ts";
import { swapDb } from "./swapdb.ts";
import { time } from "./time.ts";

export const serverCommands: readonly CommandDeclaration[] = [
  bgrewriteaof,
  bgsave,
  commandCommand,
  config,
  dbSize,
  debug,
  flushAll,
  flushDb,
  info,
  lastsave,
  latency,
  lolwut,
  memory,
  module,
  monitor,
  save,
  shutdown,
  slowlog,
  swapDb,
  time,
];
