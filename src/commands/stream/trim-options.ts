// The options of XADD and XTRIM: how the stream is to be trimmed, and for XADD the ID and where the
// fields begin.
import type { Session } from "../../engine/session.ts";
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { Word } from "../../engine/word.ts";
import { block, integer, oneOf, optional, string, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { AddRequest, TrimRequest } from "../../keyspace/stream.ts";
import type { ReferencePolicy } from "../../keyspace/stream-references.ts";
import { parseId, parsedId } from "../../structures/stream-id.ts";
import { idArgument, invalidId, isSymbol } from "./stream-argument.ts";

const twoStrategies = new Failure(
  "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
);
const lengthNegative = new Failure("ERR The MAXLEN argument must be >= 0.");
const limitNegative = new Failure("ERR The LIMIT argument must be >= 0.");
const limitAlone = new Failure(
  "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
);
const limitExact = new Failure(
  "ERR syntax error, LIMIT cannot be used without the special ~ option",
);
const noStrategy = new Failure("ERR syntax error, XTRIM must be called with a trimming strategy");

const maxlen = asciiBytes("maxlen");
const minid = asciiBytes("minid");
const limit = asciiBytes("limit");
const nomkstream = asciiBytes("nomkstream");
const policies: readonly (readonly [Uint8Array, ReferencePolicy])[] = [
  [asciiBytes("keepref"), "keep"],
  [asciiBytes("delref"), "delete"],
  [asciiBytes("acked"), "acknowledged"],
];
const star = 0x2a;
const tilde = 0x7e;
const equals = 0x3d;
/** Nodes whose entries an approximate trimming removes at most. */
const trimmedNodesMax = 100;
const limitDefault = 10_000;
const limitMax = 1_000_000;

/** How a stream is to be trimmed, as words. */
export function trimWords(): Word<never> {
  return block("trim", [
    oneOf("strategy", [token("maxlen"), token("minid", { since: "6.2.0" })]),
    optional(
      oneOf("operator", [token("equal", { token: "=" }), token("approximately", { token: "~" })]),
    ),
    string("threshold"),
    optional(integer("count", { token: "LIMIT", since: "6.2.0" })),
  ]) as Word<never>;
}

/** What becomes of pending entries, as words. */
export function referenceWords(): Word<never> {
  return optional(
    oneOf("condition", [token("keepref"), token("delref"), token("acked")], { since: "8.2.0" }),
  ) as Word<never>;
}

/** The policy that the argument names, or undefined. */
export function findPolicy(args: Slices, index: number): ReferencePolicy | undefined {
  for (const [word, policy] of policies) if (isArgument(args, index, word)) return policy;
  return undefined;
}

/** Parses what stands between XADD's key and its fields into `request`. */
export function parseAdd(
  args: Slices,
  request: AddRequest,
  session: Session,
  nodeEntriesMax: number,
): void {
  const { trim } = request;
  trim.clear();
  request.makesStream = true;
  request.given = parsedId.none;
  let index = 2;
  let limitAt = 0;
  for (; index < args.count; index++) {
    if (isSymbol(args, index, star)) break;
    const used = parseTrimOption(args, index, trim);
    if (used > 0) {
      if (isArgument(args, index, limit)) limitAt = index;
      index += used - 1;
    } else if (isArgument(args, index, nomkstream)) {
      request.makesStream = false;
    } else {
      const { bytes, offsets, lengths } = args;
      request.given = parseId(bytes, offsets[index], lengths[index], request.id);
      if (request.given === parsedId.none) throw invalidId;
      if (request.given === parsedId.timeOnly) request.given = parsedId.full;
      break;
    }
  }
  finishTrim(trim, limitAt, session, nodeEntriesMax);
  request.firstField = index + 1;
}

/** Parses XTRIM's options. */
export function parseTrim(
  args: Slices,
  trim: TrimRequest,
  session: Session,
  nodeEntriesMax: number,
): void {
  trim.clear();
  let limitAt = 0;
  for (let index = 2; index < args.count;) {
    const used = parseTrimOption(args, index, trim);
    if (used === 0) throw syntaxError;
    if (isArgument(args, index, limit)) limitAt = index;
    index += used;
  }
  if (!trim.isWanted && trim.limit === 0) throw noStrategy;
  finishTrim(trim, limitAt, session, nodeEntriesMax);
}

/** Parses one option; returns how many arguments it took, 0 when it is none. */
function parseTrimOption(args: Slices, index: number, trim: TrimRequest): number {
  const more = args.count - 1 - index;
  // Words that are none cost one comparison of lengths each: an ID is no option.
  if (more > 0) {
    if (isArgument(args, index, maxlen)) return parseThreshold(args, index, trim, true);
    if (isArgument(args, index, minid)) return parseThreshold(args, index, trim, false);
    if (isArgument(args, index, limit)) {
      trim.limit = integerArgument(args, index + 1);
      if (trim.limit < 0) throw limitNegative;
      return 2;
    }
  }
  const policy = findPolicy(args, index);
  if (policy === undefined) return 0;
  trim.references = policy;
  return 1;
}

function parseThreshold(args: Slices, index: number, trim: TrimRequest, isLength: boolean): number {
  if (trim.isWanted) throw twoStrategies;
  let at = index + 1;
  trim.isApproximate = false;
  if (at + 1 < args.count) {
    trim.isApproximate = isSymbol(args, at, tilde);
    if (trim.isApproximate || isSymbol(args, at, equals)) at++;
  }
  trim.thresholdAt = at;
  if (isLength) {
    trim.lengthMax = integerArgument(args, at);
    if (trim.lengthMax < 0) throw lengthNegative;
  } else {
    idArgument(args, at, trim.minId);
  }
  trim.isWanted = true;
  return at + 1 - index;
}

function finishTrim(
  trim: TrimRequest,
  limitAt: number,
  { isReplay }: Session,
  nodeEntriesMax: number,
): void {
  if (trim.limit > 0 && !trim.isWanted) throw limitAlone;
  if (limitAt > 0) {
    // Redis propagates what it has trimmed as an exact trim and leaves the limit there.
    if (!trim.isApproximate && !isReplay) throw limitExact;
    if (!trim.isApproximate) trim.limit = 0;
  } else if (trim.isApproximate) {
    const count = trimmedNodesMax * nodeEntriesMax;
    trim.limit = count <= 0 ? limitDefault : Math.min(count, limitMax);
  }
}
