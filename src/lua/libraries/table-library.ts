// Lua's table functions. They look at tables without metamethods.

import {
  checkWritable,
  functionArgument,
  intArgument,
  optionalString,
  tableArgument,
} from "../argument.ts";
import { failure } from "../call-sites.ts";
import { callPairFromHost } from "../host-call.ts";
import type { Interpreter } from "../interpreter.ts";
import { machine, refillBudget, stringSizeMax } from "../machine.ts";
import { formatNumber } from "../number-text.ts";
import { madeString } from "../pattern.ts";
import { LuaTable } from "../table.ts";
import { noResults, typeName } from "../values.ts";
import type { LuaFunction } from "../values.ts";
import { sortValues } from "./table-sort.ts";

export function installTable(interpreter: Interpreter): void {
  const library = new LuaTable();
  const functions: Readonly<Record<string, LuaFunction>> = {
    concat,
    foreach,
    foreachi,
    getn: (...args) => tableArgument(args, 0).length,
    insert,
    maxn,
    remove,
    setn: (...args) => {
      tableArgument(args, 0);
      throw failure("'setn' is obsolete");
    },
    sort,
  };
  for (const [name, each] of Object.entries(functions)) library.setString(name, each);
  interpreter.globals.setString("table", library);
}

const insert: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const end = table.length + 1;
  if (args.length === 2) {
    checkWritable(table);
    table.setNumber(end, args[1]);
    return noResults;
  }
  if (args.length !== 3) throw failure("wrong number of arguments to 'insert'");
  const position = intArgument(args, 1);
  checkWritable(table);
  for (let at = Math.max(end, position); at > position; at--) {
    // The position may be two thousand million places away.
    if (--machine.budget < 0) refillBudget();
    table.setNumber(at, table.getNumber(at - 1));
  }
  table.setNumber(position, args[2]);
  return noResults;
};

const remove: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const end = table.length;
  const position = args[1] === undefined ? end : intArgument(args, 1);
  if (position < 1 || position > end) return noResults;
  checkWritable(table);
  const removed = table.getNumber(position);
  for (let at = position; at < end; at++) table.setNumber(at, table.getNumber(at + 1));
  table.setNumber(end, undefined);
  return removed;
};

const concat: LuaFunction = (...args) => {
  const separator = optionalString(args, 1, "");
  const table = tableArgument(args, 0);
  const from = args[2] === undefined ? 1 : intArgument(args, 2);
  const to = args[3] === undefined ? table.length : intArgument(args, 3);
  const parts: string[] = [];
  let size = 0;
  for (let at = from; at <= to; at++) {
    const value = table.getNumber(at);
    if (typeof value === "string") parts.push(value);
    else if (typeof value === "number") parts.push(formatNumber(value));
    else failPart(value, at);
    size += parts[parts.length - 1].length + separator.length;
    if (size > stringSizeMax) throw failure("not enough memory");
  }
  return madeString(parts.join(separator));
};

function failPart(value: unknown, at: number): never {
  throw failure(`invalid value (${typeName(value)}) at index ${at} in table for 'concat'`);
}

const maxn: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  let max = 0;
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    const key = table.keyAt(cursor);
    if (typeof key === "number" && key > max) max = key;
  }
  return max;
};

const sort: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const count = table.length;
  const order = args[1] === undefined ? undefined : functionArgument(args, 1);
  if (count < 2) return noResults;
  checkWritable(table);
  // We sort a copy, since the order function may change the table.
  const values: unknown[] = [table.getNumber(0)];
  for (let at = 1; at <= count; at++) values.push(table.getNumber(at));
  try {
    sortValues(values, count, order);
  } finally {
    for (let at = 1; at <= count; at++) table.setNumber(at, values[at]);
  }
  return noResults;
};

const foreach: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const each = functionArgument(args, 1);
  for (let cursor = table.advance(0); cursor !== -1; cursor = table.advance(cursor)) {
    const result = callPairFromHost(each, table.keyAt(cursor), table.valueAt(cursor));
    if (result !== undefined) return result;
  }
  return noResults;
};

const foreachi: LuaFunction = (...args) => {
  const table = tableArgument(args, 0);
  const count = table.length;
  const each = functionArgument(args, 1);
  for (let at = 1; at <= count; at++) {
    const result = callPairFromHost(each, at, table.getNumber(at));
    if (result !== undefined) return result;
  }
  return noResults;
};
