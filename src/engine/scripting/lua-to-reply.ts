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

export interface ReplyTarget {
  readonly reply: ReplyWriter;
  readonly statistics: Statistics;
  readonly run: ScriptRun;
}

/** Writes the value as a reply. */
export function writeValue(target: ReplyTarget, value: unknown, depth = 0): void {
  const { reply } = target;
  switch (typeof value) {
    case "string":
      reply.bulkLatin1(value);
      return;
    case "number":
      reply.integer(truncated(value));
      return;
    case "boolean":
      if (target.run.protocol !== 2) reply.boolean(value);
      else if (value) reply.integer(1);
      else reply.nil();
      return;
    default:
      break;
  }
  if (!(value instanceof LuaTable)) {
    reply.nil();
  } else if (depth >= depthMax) {
    target.statistics.countError(tooDeep);
    reply.failure(tooDeep);
  } else if (!writeSpecial(target, value, depth)) {
    writeArray(target, value, depth);
  }
}

/** As C converts it to a 64-bit integer. */
function truncated(value: number): number | bigint {
  const integer = Math.trunc(value);
  if (Number.isSafeInteger(integer)) return integer + 0;
  if (!(integer > -(2 ** 63) && integer < 2 ** 63)) return integerMin;
  return BigInt(integer);
}

function writeArray(target: ReplyTarget, table: LuaTable, depth: number): void {
  let count = 0;
  while (table.getNumber(count + 1) !== undefined) count++;
  target.reply.array(count);
  for (let index = 1; index <= count; index++) {
    writeValue(target, table.getNumber(index), depth + 1);
  }
}

/** Writes a table that stands for something else than an array; false when it does not. */
function writeSpecial(target: ReplyTarget, table: LuaTable, depth: number): boolean {
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
  if (verbatim instanceof LuaTable && writeVerbatim(reply, verbatim)) return true;
  const map = table.getString("map");
  if (map instanceof LuaTable) {
    writeEntries(target, map, depth, true);
    return true;
  }
  const set = table.getString("set");
  if (set instanceof LuaTable) {
    writeEntries(target, set, depth, false);
    return true;
  }
  return false;
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

/** The entries of a map, or the keys of a set. */
function writeEntries(
  target: ReplyTarget,
  table: LuaTable,
  depth: number,
  hasValues: boolean,
): void {
  let count = 0;
  for (let at = table.advance(0); at !== -1; at = table.advance(at)) count++;
  if (hasValues) target.reply.map(count);
  else target.reply.set(count);
  for (let at = table.advance(0); at !== -1; at = table.advance(at)) {
    writeValue(target, table.keyAt(at), depth + 1);
    if (hasValues) writeValue(target, table.valueAt(at), depth + 1);
  }
}

/** The text of a string or number, as `lua_tostring` gives it; undefined for anything else. */
export function textOfValue(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatNumber(value) : undefined;
}
