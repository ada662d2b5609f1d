// The arguments that ZUNION, ZINTER, ZDIFF, their STORE forms and ZINTERCARD share: a number of
// keys, the keys, and options behind them. The rules and their order are those of
// zunionInterDiffGenericCommand in Redis's src/t_zset.c.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import {
  doubleArgument,
  integerArgument,
  isArgument,
  positiveArgument,
} from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { encoding } from "../../keyspace/record.ts";
import type { Aggregate, Combination } from "../../keyspace/zset-combination.ts";
import { aggregates, discardResult } from "../../keyspace/zset-combination.ts";
import { cursorOf } from "../../keyspace/zset-cursor.ts";
import type { ScoreSource } from "../../keyspace/zset-source.ts";
import { collectSources } from "../../keyspace/zset-source.ts";
import { storeResult } from "../../keyspace/zset-store.ts";
import { countOf } from "../../keyspace/zset-value.ts";
import { beginMembers, replyMember } from "./score-reply.ts";

const weightNotFloat = new Failure("ERR weight value is not a float");
const negativeLimit = new Failure("ERR LIMIT can't be negative");

const weightsWord = asciiBytes("weights");
const aggregateWord = asciiBytes("aggregate");
const withScoresWord = asciiBytes("withscores");
const limitWord = asciiBytes("limit");
const aggregateWords: readonly (readonly [Uint8Array, Aggregate])[] = [
  [asciiBytes("sum"), aggregates.sum],
  [asciiBytes("min"), aggregates.min],
  [asciiBytes("max"), aggregates.max],
];

/** Which options a command knows. */
interface CombinationSyntax {
  /** The command's name in small letters, for the message. */
  readonly name: string;
  /** Argument index of the number of keys. */
  readonly at: number;
  readonly options: readonly ("weights" | "withscores" | "limit")[];
}

export interface CombinationRequest {
  readonly sources: readonly ScoreSource[];
  readonly aggregate: Aggregate;
  readonly withScores: boolean;
  readonly limit: number;
}

/** Reads the arguments and looks the keys up. */
export function parseCombination(
  { args, db }: Context,
  syntax: CombinationSyntax,
): CombinationRequest {
  const { at } = syntax;
  const count = integerArgument(args, at);
  if (count < 1) {
    throw new Failure(`ERR at least 1 input key is needed for '${syntax.name}' command`);
  }
  if (count > args.count - at - 1) throw syntaxError;
  const sources = collectSources(db, args, at + 1, count);
  return { sources, ...parseOptions(args, at + 1 + count, sources, syntax) };
}

function parseOptions(
  args: Slices,
  start: number,
  sources: readonly ScoreSource[],
  syntax: CombinationSyntax,
): { aggregate: Aggregate; withScores: boolean; limit: number } {
  const { options } = syntax;
  const hasWeights = options.includes("weights");
  let aggregate = aggregates.sum;
  let withScores = false;
  let limit = 0;
  for (let index = start; index < args.count; index++) {
    const left = args.count - index - 1;
    if (hasWeights && left >= sources.length && isArgument(args, index, weightsWord)) {
      for (const source of sources) {
        index++;
        source.weight = doubleArgument(args, index, weightNotFloat);
      }
    } else if (hasWeights && left >= 1 && isArgument(args, index, aggregateWord)) {
      index++;
      aggregate = aggregateArgument(args, index);
    } else if (options.includes("withscores") && isArgument(args, index, withScoresWord)) {
      withScores = true;
    } else if (options.includes("limit") && left >= 1 && isArgument(args, index, limitWord)) {
      index++;
      limit = positiveArgument(args, index, negativeLimit);
    } else {
      throw syntaxError;
    }
  }
  return { aggregate, withScores, limit };
}

function aggregateArgument(args: Slices, index: number): Aggregate {
  for (const [word, aggregate] of aggregateWords)
    if (isArgument(args, index, word)) return aggregate;
  throw syntaxError;
}

const withWeights = ["weights", "withscores"] as const;

/** ZUNION and ZINTER (with weights) and ZDIFF (without): replies with the result. */
export function replyCombination(
  context: Context,
  combine: Combination,
  syntax: { readonly name: string; readonly hasWeights: boolean },
): void {
  const { db, reply } = context;
  const { keyspace } = db;
  const options = syntax.hasWeights ? withWeights : (["withscores"] as const);
  const request = parseCombination(context, { name: syntax.name, at: 1, options });
  const root = combine(keyspace, request.sources, request.aggregate);
  const count = countOf(keyspace.arena, encoding.skiplist, root);
  const style = request.withScores ? "scored" : "bare";
  beginMembers(reply, count, style);
  if (count > 0) {
    const cursor = cursorOf(keyspace.arena);
    cursor.seek(encoding.skiplist, root, 0);
    for (let left = count; left > 0; left--, cursor.next()) {
      replyMember(reply, cursor, style);
    }
  }
  discardResult(keyspace, root);
}

/** The same for the STORE forms. */
export function storeCombination(
  context: Context,
  combine: Combination,
  name: "zunionstore" | "zinterstore" | "zdiffstore",
): void {
  const { args, db, reply } = context;
  const options = name === "zdiffstore" ? [] : (["weights"] as const);
  const request = parseCombination(context, { name, at: 2, options });
  const root = combine(db.keyspace, request.sources, request.aggregate);
  reply.integer(storeResult(db, args, 1, root, keyEvents[name]));
}
