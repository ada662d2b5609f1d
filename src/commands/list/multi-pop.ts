// What LMPOP and BLMPOP have in common: their arguments from `numkeys` on, and the pop.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { isArgument, rangeArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { listLength } from "../../keyspace/list-value.ts";
import type { ListEnd } from "../../keyspace/list.ts";
import type { Ref } from "../../memory/arena.ts";
import { endArgument } from "./list-argument.ts";
import { popElements } from "./list-reply.ts";

const countWord = asciiBytes("count");
const noKeys = new Failure("ERR numkeys should be greater than 0");
const countTooSmall = new Failure("ERR count should be greater than 0");

export interface MultiPop {
  /** Argument index of the first key. */
  readonly firstKey: number;
  /** Argument index behind the last key. */
  readonly keysEnd: number;
  readonly end: ListEnd;
  readonly count: number;
}

/** Reads the arguments; `at` is the index of `numkeys`. */
export function multiPopArguments(args: Slices, at: number): MultiPop {
  const firstKey = at + 1;
  const keysEnd = firstKey + rangeArgument(args, at, 1, Infinity, noKeys);
  if (keysEnd >= args.count) throw syntaxError;
  const end = endArgument(args, keysEnd);
  const optionsAt = keysEnd + 1;
  if (optionsAt === args.count) return { firstKey, keysEnd, end, count: 1 };
  if (optionsAt + 2 > args.count || !isArgument(args, optionsAt, countWord)) throw syntaxError;
  const count = rangeArgument(args, optionsAt + 1, 1, Infinity, countTooSmall);
  if (optionsAt + 2 < args.count) throw syntaxError;
  return { firstKey, keysEnd, end, count };
}

/** Pops up to `countMax` elements off the list that was found and replies with its key and them. */
export function popNamed(
  { args, db, reply, engine }: Context,
  key: number,
  ref: Ref,
  end: ListEnd,
  countMax: number,
): void {
  const count = Math.min(countMax, listLength(db.keyspace.arena, ref));
  reply.array(2);
  reply.bulk(args.bytes, args.offsets[key], args.lengths[key]);
  popElements(reply, db, args, key, ref, end, count);
  const name = end === "first" ? "LPOP" : "RPOP";
  engine.propagation.begin(db, 3).text(name).argument(args, key).number(count);
}
