// From the value that a script returns to a reply: the way back of `reply-to-lua.ts`. Numbers lose
// their fraction, false is nil in RESP2, an array ends at its first nil.
import { Failure } from "../../keyspace/failure.ts";
import { formatNumber } from "../../lua/number-text.ts";
import { LuaTable } from "../../lua/table.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import type { Statistics } from "../statistics.ts";
import type { ScriptRun } from "./script-run.ts";

/** Nested deeper than this, Lua's own stack would be full. */
const depthMax = 7990;
const tooDeep = new Failure("ERR reached lua stack limit");
const integerMin = -(2n ** 63n);

/** Whose reply it is, and what the running script has said of it. */
export interface ReplyTarget {
  readonly reply: ReplyWriter;
  readonly statistics: Statistics;
  readonly run: ScriptRun;
}

/** A collection whose elements are being written. */
interface Frame {
  readonly table: LuaTable;
  readonly kind: "array" | "map" | "set";
  /** Of an array: the elements that are written; of others: a cursor of the table. */
  at: number;
  /** Of an array: how many elements it has. */
  readonly count: number;
  /** Of a map: the key is written, the value comes next. */
  isAtValue: boolean;
}

/**
 * Writes the value as a reply. Tables may be nested deeper than the host's stack allows, so those
 * that are not complete stand in a list.
 */
export function writeValue(target: ReplyTarget, value: unknown): void {
  const outer = writeOne(target, value, 0);
  if (outer === undefined) return;
  const frames = [outer];
  while (frames.length > 0) {
    const frame = frames[frames.length - 1];
    const isOver = frame.kind === "array" ? frame.at === frame.count : !advance(frame);
    if (isOver) {
      frames.pop();
      continue;
    }
    const inner = writeOne(target, elementOf(frame), frames.length);
    if (inner !== undefined) frames.push(inner);
  }
}

/** Goes on to the next key, or from a key to its value; false at the end. */
function advance(frame: Frame): boolean {
  if (frame.kind === "map" && !frame.isAtValue && frame.at !== 0) {
    frame.isAtValue = true;
    return true;
  }
  frame.isAtValue = false;
  frame.at = frame.table.advance(frame.at);
  return frame.at !== -1;
}

function elementOf(frame: Frame): unknown {
  if (frame.kind === "array") return frame.table.getNumber(++frame.at);
  return frame.isAtValue ? frame.table.valueAt(frame.at) : frame.table.keyAt(frame.at);
}

/** Writes a value, or the head of a collection, whose elements are to follow. */
function writeOne(target: ReplyTarget, value: unknown, depth: number): Frame | undefined {
  const { reply } = target;
  switch (typeof value) {
    case "string":
      reply.bulkLatin1(value);
      return undefined;
    case "number":
      reply.integer(truncated(value));
      return undefined;
    case "boolean":
      if (target.run.protocol !== 2) reply.boolean(value);
      else if (value) reply.integer(1);
      else reply.nil();
      return undefined;
    default:
      break;
  }
  if (!(value instanceof LuaTable)) {
    reply.nil();
    return undefined;
  }
  if (depth < depthMax) return writeTable(target, value);
  target.statistics.countError(tooDeep);
  reply.failure(tooDeep);
  return undefined;
}

/** As C converts it to a 64-bit integer. */
function truncated(value: number): number | bigint {
  const integer = Math.trunc(value);
  if (Number.isSafeInteger(integer)) return integer + 0;
  if (!(integer > -(2 ** 63) && integer < 2 ** 63)) return integerMin;
  return BigInt(integer);
}

/** Writes a table: what its fields say that it stands for, else an array. */
function writeTable(target: ReplyTarget, table: LuaTable): Frame | undefined {
  const { reply } = target;
  if (writeScalar(target, table)) return undefined;
  const map = table.getString("map");
  if (map instanceof LuaTable) {
    reply.map(countEntries(map));
    return { table: map, kind: "map", at: 0, count: 0, isAtValue: false };
  }
  const set = table.getString("set");
  if (set instanceof LuaTable) {
    reply.set(countEntries(set));
    return { table: set, kind: "set", at: 0, count: 0, isAtValue: false };
  }
  let count = 0;
  while (table.getNumber(count + 1) !== undefined) count++;
  reply.array(count);
  return { table, kind: "array", at: 0, count, isAtValue: false };
}

function countEntries(table: LuaTable): number {
  let count = 0;
  for (let at = table.advance(0); at !== -1; at = table.advance(at)) count++;
  return count;
}

/** Writes a table that stands for a single value; false when it does not. */
function writeScalar(target: ReplyTarget, table: LuaTable): boolean {
  const { reply } = target;
  const error = table.getString("err");
  if (typeof error === "string") {
    const failure = new Failure(error.replace(/[\r\n]+$/, ""));
    if (table.getString("ignore_error_stats_update") !== true) {
      target.statistics.countError(failure);
    }
    reply.failure(failure);
    return true;
  }
  const status = table.getString("ok");
  if (typeof status === "string") {
    reply.simple(beforeNul(status));
    return true;
  }
  const double = table.getString("double");
  if (typeof double === "number") {
    reply.double(double);
    return true;
  }
  const bigNumber = table.getString("big_number");
  if (typeof bigNumber === "string") {
    reply.bigNumber(bigNumber.replace(/[\r\n]/g, " "));
    return true;
  }
  const verbatim = table.getString("verbatim_string");
  return verbatim instanceof LuaTable && writeVerbatim(reply, verbatim);
}

/** C's strings end there. */
function beforeNul(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

function writeVerbatim(reply: ReplyWriter, fields: LuaTable): boolean {
  const format = fields.getString("format");
  const text = fields.getString("string");
  if (typeof format !== "string" || typeof text !== "string") return false;
  reply.verbatimLatin1(`${format}   `.slice(0, 3), text);
  return true;
}

/** The text of a string or number, as `lua_tostring` gives it; undefined for anything else. */
export function textOfValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber(value) : undefined;
}
