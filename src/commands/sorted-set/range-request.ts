// What ZRANGE and its many relatives ask for: the options behind the two bounds, the bounds
// themselves, and the run of ranks that they come to. The rules and their order are those of
// zrangeGenericCommand in Redis's src/t_zset.c.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import { MemberRange, RankRun, ScoreRange } from "../../keyspace/zset-range.ts";
import { zsetCount } from "../../keyspace/zset.ts";
import type { Ref } from "../../memory/arena.ts";

const limitWithRanks = new Failure(
  "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
);
const scoresWithMembers = new Failure(
  "ERR syntax error, WITHSCORES not supported in combination with BYLEX",
);

const withScoresWord = asciiBytes("withscores");
const limitWord = asciiBytes("limit");
const revWord = asciiBytes("rev");
const byLexWord = asciiBytes("bylex");
const byScoreWord = asciiBytes("byscore");

/** By what a range is given. */
export type RangeKind = "rank" | "score" | "member";

/** What a command fixes; the options choose what it leaves open. */
export interface RangeSyntax {
  /** Argument index of the first bound; options follow the second. */
  readonly boundsAt: number;
  readonly kind?: RangeKind;
  readonly direction?: "forward" | "reverse";
  readonly refusesScores?: true;
}

export class RangeRequest {
  isReverse = false;
  withScores = false;
  readonly run = new RankRun();
  #kind: RangeKind = "rank";
  #hasKind = false;
  #hasDirection = false;
  #offset = 0;
  #count = -1;
  #start = 0;
  #stop = 0;
  readonly #scores = new ScoreRange();
  readonly #members = new MemberRange();

  /** Reads the arguments; throws what Redis replies. */
  parse(args: Slices, syntax: RangeSyntax): void {
    const { boundsAt } = syntax;
    this.#hasKind = syntax.kind !== undefined;
    this.#kind = syntax.kind ?? "rank";
    this.#hasDirection = syntax.direction !== undefined;
    this.isReverse = syntax.direction === "reverse";
    this.withScores = false;
    this.#offset = 0;
    this.#count = -1;
    if (args.count > boundsAt + 2) this.#parseOptions(args, syntax);
    this.#parseBounds(args, boundsAt);
  }

  #parseOptions(args: Slices, syntax: RangeSyntax): void {
    for (let index = syntax.boundsAt + 2; index < args.count; index++) {
      if (syntax.refusesScores === undefined && isArgument(args, index, withScoresWord)) {
        this.withScores = true;
      } else if (isArgument(args, index, limitWord) && index + 2 < args.count) {
        this.#offset = integerArgument(args, index + 1);
        this.#count = integerArgument(args, index + 2);
        index += 2;
      } else if (!this.#hasDirection && isArgument(args, index, revWord)) {
        this.isReverse = true;
        this.#hasDirection = true;
      } else {
        this.#parseKind(args, index);
      }
    }
    if (this.#count !== -1 && this.#kind === "rank") throw limitWithRanks;
    if (this.withScores && this.#kind === "member") throw scoresWithMembers;
  }

  #parseKind(args: Slices, index: number): void {
    if (this.#hasKind) throw syntaxError;
    if (isArgument(args, index, byLexWord)) this.#kind = "member";
    else if (isArgument(args, index, byScoreWord)) this.#kind = "score";
    else throw syntaxError;
    this.#hasKind = true;
  }

  #parseBounds(args: Slices, at: number): void {
    if (this.#kind === "rank") {
      this.#start = integerArgument(args, at);
      this.#stop = integerArgument(args, at + 1);
      return;
    }
    // From the end the higher bound is named first.
    const min = this.isReverse ? at + 1 : at;
    const max = this.isReverse ? at : at + 1;
    if (this.#kind === "score") this.#scores.parse(args, min, max);
    else this.#members.parse(args, min, max);
  }

  /** Whether the number of ranks is known before any member is looked at. */
  get isByRank(): boolean {
    return this.#kind === "rank";
  }

  /** Sets `run` to what the request means for a sorted set. */
  find(keyspace: Keyspace, ref: Ref): void {
    const { run, isReverse } = this;
    if (this.#kind === "rank") {
      const total = zsetCount(keyspace, ref);
      run.setRanks(this.#start, this.#stop, total);
      if (isReverse) run.first = total - run.first - run.count;
      return;
    }
    if (this.#kind === "score") run.setScores(keyspace, ref, this.#scores);
    else run.setMembers(keyspace, ref, this.#members);
    if (this.#offset !== 0 || this.#count !== -1) {
      run.limit(this.#offset, this.#count, isReverse ? 1 : 0);
    }
  }
}
