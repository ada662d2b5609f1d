// The arguments of a request that runs a script, behind its name: how many keys, keys, others.
import { latin1 } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { Failure, notInteger } from "../../keyspace/failure.ts";
import { LuaTable } from "../../lua/table.ts";
import { integerArgument } from "../argument.ts";

const tooManyKeys = new Failure("ERR Number of keys can't be greater than number of args");
const negativeKeys = new Failure("ERR Number of keys can't be negative");

/** The number of keys that argument 2 announces. Throws a Failure, the given one for no number. */
export function keyCountOf(args: Slices, failure: Failure = notInteger): number {
  const count = integerArgument(args, 2, failure);
  if (count > args.count - 3) throw tooManyKeys;
  if (count < 0) throw negativeKeys;
  return count;
}

/** Arguments from `first` to before `end` as a Lua array. */
export function tableOf(args: Slices, first: number, end: number): LuaTable {
  if (first >= end) return new LuaTable();
  const { bytes, offsets, lengths } = args;
  const at = offsets[first];
  // Most scripts have one key: an array that grows takes many times the memory of this one.
  const items: unknown[] = [undefined, latin1(bytes, at, at + lengths[first])];
  for (let index = first + 1; index < end; index++) {
    const offset = offsets[index];
    items.push(latin1(bytes, offset, offset + lengths[index]));
  }
  return LuaTable.fromItems(items);
}
