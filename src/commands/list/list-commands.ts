// All commands of the list group.
import type { CommandDeclaration } from "../../engine/command.ts";
import { blmove, brpoplpush } from "./blmove.ts";
import { blmpop } from "./blmpop.ts";
import { blpop, brpop } from "./blpop.ts";
import { lindex } from "./lindex.ts";
import { linsert } from "./linsert.ts";
import { llen } from "./llen.ts";
import { lmove, rpoplpush } from "./lmove.ts";
import { lmpop } from "./lmpop.ts";
import { lpos } from "./lpos.ts";
import { lrange } from "./lrange.ts";
import { lrem } from "./lrem.ts";
import { lset } from "./lset.ts";
import { ltrim } from "./ltrim.ts";
import { lpop, rpop } from "./pop.ts";
import { lpush, lpushx, rpush, rpushx } from "./push.ts";

export const listCommands: readonly CommandDeclaration[] = [
  blmove,
  blmpop,
  blpop,
  brpop,
  brpoplpush,
  lindex,
  linsert,
  llen,
  lmove,
  lmpop,
  lpop,
  lpos,
  lpush,
  lpushx,
  lrange,
  lrem,
  lset,
  ltrim,
  rpop,
  rpoplpush,
  rpush,
  rpushx,
];
