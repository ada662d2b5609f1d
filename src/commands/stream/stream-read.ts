// Reading from several streams, at once or when something comes: what XREAD and XREADGROUP have in
// common.
//
// A request is parsed into one object that all share; one that must wait gets a copy. IDs are
// looked up, and errors found, for all streams before the first of them is read.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { recordType, typeOf, valueRef } from "../../keyspace/record.ts";
import { readStream } from "../../keyspace/stream.ts";
import { groupArgument } from "../../keyspace/stream-groups.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import { StreamId, copyId, decrementId, readId, zeroId } from "../../structures/stream-id.ts";
import { lastIdWord } from "../../structures/stream-root.ts";
import { idArgument, isSymbol } from "./stream-argument.ts";
import { ReadRequest, readFrom } from "./stream-request.ts";
import { serveStreams } from "./stream-serve.ts";

const groupOnly = new Failure(
  "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
);
const noackOnly = new Failure(
  "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
);
const groupMissing = new Failure("ERR Missing GROUP option for XREADGROUP");
const newIdOnly = new Failure(
  "ERR The > ID can be specified only when calling XREADGROUP " +
    "using the GROUP <group> <consumer> option.",
);
const unbalanced = [
  unbalancedFailure("xread", "ID, '+', or '$'"),
  unbalancedFailure("xreadgroup", "ID or '>'"),
];
const meaningless = { dollar: meaninglessFailure("$"), plus: meaninglessFailure("+") };
const timeoutNotInteger = new Failure("ERR timeout is not an integer or out of range");
const timeoutNegative = new Failure("ERR timeout is negative");
const timeoutOutOfRange = new Failure("ERR timeout is out of range");
/** The largest that still fits 64 bits with the time of day added. */
const timeoutMsMax = 2 ** 63 - 2 ** 42;

function unbalancedFailure(name: string, symbol: string): Failure {
  return new Failure(
    `ERR Unbalanced '${name}' list of streams: for each stream key an ${symbol} must be specified.`,
  );
}

function meaninglessFailure(symbol: string): Failure {
  return new Failure(
    `ERR The ${symbol} ID is meaningless in the context of XREADGROUP: you want to read the ` +
      "history of this consumer by specifying a proper ID, or use the > ID to get new messages. " +
      `The ${symbol} ID would just return an empty result set.`,
  );
}

const group = asciiBytes("group");
const count = asciiBytes("count");
const block = asciiBytes("block");
const noack = asciiBytes("noack");
const streams = asciiBytes("streams");
const dollar = 0x24;
const plus = 0x2b;
const greater = 0x3e;

const shared = new ReadRequest();

/** Runs XREAD, or XREADGROUP if `isGroupRead`. */
export function readStreams(context: Context, isGroupRead: boolean): void {
  const request = shared;
  parse(context.args, request, isGroupRead);
  resolveAll(context, request);
  if (serveStreams(context, request)) return;
  if (request.timeoutMs < 0) {
    context.reply.nilArray();
    return;
  }
  wait(context, copyOf(request));
}

function parse(args: Slices, request: ReadRequest, isGroupRead: boolean): void {
  request.groupAt = 0;
  request.countMax = Infinity;
  request.timeoutMs = -1;
  request.isNoAck = false;
  request.firstKey = 0;
  for (let index = 1; index < args.count && request.firstKey === 0;) {
    index = parseOption(args, index, request, isGroupRead);
  }
  if (request.firstKey === 0) throw syntaxError;
  if (isGroupRead && request.groupAt === 0) throw groupMissing;
}

/** Parses the option at `index`; returns the index of what follows. */
function parseOption(
  args: Slices,
  index: number,
  request: ReadRequest,
  isGroupRead: boolean,
): number {
  const more = args.count - 1 - index;
  if (more > 0 && isArgument(args, index, streams)) {
    if (more % 2 !== 0) throw unbalanced[isGroupRead ? 1 : 0];
    request.firstKey = index + 1;
    request.streamCount = more / 2;
    return args.count;
  }
  if (more >= 2 && isArgument(args, index, group)) {
    if (!isGroupRead) throw groupOnly;
    request.groupAt = index + 1;
    return index + 3;
  }
  if (more > 0 && isArgument(args, index, count)) {
    const value = integerArgument(args, index + 1);
    request.countMax = value > 0 ? value : Infinity;
    return index + 2;
  }
  if (more > 0 && isArgument(args, index, block)) {
    request.timeoutMs = integerArgument(args, index + 1, timeoutNotInteger);
    if (request.timeoutMs < 0) throw timeoutNegative;
    if (request.timeoutMs > timeoutMsMax) throw timeoutOutOfRange;
    return index + 2;
  }
  if (!isArgument(args, index, noack)) throw syntaxError;
  if (!isGroupRead) throw noackOnly;
  request.isNoAck = true;
  return index + 1;
}

/** Finds all streams, groups and IDs. */
function resolveAll(context: Context, request: ReadRequest): void {
  const { args, db } = context;
  for (let each = 0; each < request.streamCount; each++) {
    const root = readStream(db, args, request.firstKey + each);
    request.roots[each] = root;
    request.ids[each] ??= new StreamId();
    if (request.groupAt > 0) findGroupOf(context, request, each);
    resolveId(context, request, each, root);
  }
}

function findGroupOf({ args, db }: Context, request: ReadRequest, each: number): void {
  const root = request.roots[each];
  const found = root === noRef ? noRef : groupArgument(db, root, args, request.groupAt);
  request.groups[each] = found;
  if (found !== noRef) return;
  const key = args.latin1(request.firstKey + each);
  throw new Failure(
    `NOGROUP No such key '${key}' or consumer group '${args.latin1(request.groupAt)}' ` +
      "in XREADGROUP with GROUP option",
  );
}

function resolveId({ args, db }: Context, request: ReadRequest, each: number, root: Ref): void {
  const index = request.firstKey + request.streamCount + each;
  const isGroupRead = request.groupAt > 0;
  const id = request.ids[each];
  request.from[each] = readFrom.id;
  if (isSymbol(args, index, dollar)) {
    if (isGroupRead) throw meaningless.dollar;
    if (root === noRef) copyId(zeroId, id);
    else readId(db.keyspace.arena, root, lastIdWord, id);
  } else if (isSymbol(args, index, plus)) {
    if (isGroupRead) throw meaningless.plus;
    request.from[each] = readFrom.last;
    resolveLast(db.keyspace.arena, root, id);
  } else if (isSymbol(args, index, greater)) {
    if (!isGroupRead) throw newIdOnly;
    request.from[each] = readFrom.delivered;
  } else {
    idArgument(args, index, id);
  }
}

/** The ID before the last one of the stream. */
function resolveLast(arena: Parameters<typeof readId>[0], root: Ref, id: StreamId): void {
  copyId(zeroId, id);
  if (root === noRef) return;
  readId(arena, root, lastIdWord, id);
  if (!decrementId(id)) copyId(zeroId, id);
}

function copyOf(request: ReadRequest): ReadRequest {
  const copy = new ReadRequest();
  copy.groupAt = request.groupAt;
  copy.countMax = request.countMax;
  copy.timeoutMs = request.timeoutMs;
  copy.isNoAck = request.isNoAck;
  copy.firstKey = request.firstKey;
  copy.streamCount = request.streamCount;
  for (let each = 0; each < request.streamCount; each++) {
    const id = new StreamId();
    copyId(request.ids[each], id);
    copy.ids.push(id);
    copy.from.push(request.from[each]);
  }
  return copy;
}

function wait(context: Context, request: ReadRequest): void {
  const { db, engine } = context;
  const keys: number[] = [];
  for (let each = 0; each < request.streamCount; each++) keys.push(request.firstKey + each);
  engine.block(context, {
    keys,
    deadlineMs: request.timeoutMs === 0 ? 0 : db.keyspace.nowMs + request.timeoutMs,
    retry: (later) => {
      findAgain(later, request);
      return serveStreams(later, request);
    },
    timedOut: (reply) => reply.nilArray(),
    endsWithoutKey: request.groupAt > 0,
  });
}

/**
 * Finds the streams once more. A stream or group that is gone ends the wait of those who read for a
 * group with an error; others wait on for a stream to come.
 */
function findAgain(context: Context, request: ReadRequest): void {
  const { args, db } = context;
  const { arena } = db.keyspace;
  for (let each = 0; each < request.streamCount; each++) {
    if (request.groupAt > 0) {
      request.roots[each] = readStream(db, args, request.firstKey + each);
      findGroupOf(context, request, each);
      continue;
    }
    const ref = db.peek(args, request.firstKey + each);
    const isStream = ref !== noRef && typeOf(arena, ref) === recordType.stream;
    request.roots[each] = isStream ? valueRef(arena, ref) : noRef;
    if (request.from[each] === readFrom.last) {
      resolveLast(arena, request.roots[each], request.ids[each]);
    }
  }
}
