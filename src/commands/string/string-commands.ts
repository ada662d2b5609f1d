// All commands of the string group.
import type { CommandDeclaration } from "../../engine/command.ts";
import { append } from "./append.ts";
import { get } from "./get.ts";
import { getdel } from "./getdel.ts";
import { getex } from "./getex.ts";
import { getrange, substr } from "./getrange.ts";
import { getset } from "./getset.ts";
import { decr, decrby, incr, incrby } from "./incr.ts";
import { incrbyfloat } from "./incrbyfloat.ts";
import { lcs } from "./lcs.ts";
import { mget } from "./mget.ts";
import { mset, msetnx } from "./mset.ts";
import { set } from "./set.ts";
import { psetex, setex } from "./setex.ts";
import { setnx } from "./setnx.ts";
import { setrange } from "./setrange.ts";
import { strlen } from "./strlen.ts";

export const stringCommands: readonly CommandDeclaration[] = [
  append,
  decr,
  decrby,
  get,
  getdel,
  getex,
  getrange,
  getset,
  incr,
  incrby,
  incrbyfloat,
  lcs,
  mget,
  mset,
  msetnx,
  psetex,
  set,
  setex,
  setnx,
  setrange,
  strlen,
  substr,
];
