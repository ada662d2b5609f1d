// From a reply, as a command has written it, to the Lua value that a script gets for it. Only our
// own replies are read, so nothing is checked.
//
// RESP2 becomes what it always did: nil is false, a status is {ok=...}, an error {err=...}. What
// only RESP3 has is told apart by the names of fields: {map={...}}, {double=...} and so on.
import { latin1 } from "../../bytes/ascii.ts";
import { parseInteger, parseLength } from "../../bytes/integer.ts";
import { LuaTable } from "../../lua/table.ts";

const replyType = {
  status: 0x2b,
  error: 0x2d,
  integer: 0x3a,
  bulk: 0x24,
  array: 0x2a,
  map: 0x25,
  set: 0x7e,
  push: 0x3e,
  attribute: 0x7c,
  null: 0x5f,
  boolean: 0x23,
  double: 0x2c,
  bigNumber: 0x28,
  verbatim: 0x3d,
} as const;
const carriageReturn = 0x0d;
const trueByte = 0x74;
const lineEndBytes = 2;
/** `txt:` before a verbatim string. */
const formatBytes = 3;
const formatHeadBytes = 4;

/** Where the next reply begins. */
let position = 0;

/** The value of the reply that begins at `start`. */
export function readReply(bytes: Uint8Array, start: number): unknown {
  position = start;
  return readValue(bytes);
}

function readValue(bytes: Uint8Array): unknown {
  const type = bytes[position];
  const start = position + 1;
  let end = start;
  while (bytes[end] !== carriageReturn) end++;
  position = end + lineEndBytes;
  switch (type) {
    case replyType.bulk:
      return readBulk(bytes, start, end);
    case replyType.integer:
      return readInteger(bytes, start, end);
    case replyType.status:
      return LuaTable.fromFields(["ok"], [latin1(bytes, start, end)]);
    case replyType.error:
      return errorTable(errorText(latin1(bytes, start, end)), true);
    case replyType.array:
    case replyType.push:
      return readArray(bytes, parseLength(bytes, start, end));
    default:
      return readNewer(bytes, type, start, end);
  }
}

/** The types of RESP3. */
function readNewer(bytes: Uint8Array, type: number, start: number, end: number): unknown {
  switch (type) {
    case replyType.map:
      return LuaTable.fromFields(["map"], [readMap(bytes, parseLength(bytes, start, end))]);
    case replyType.set:
      return LuaTable.fromFields(["set"], [readSet(bytes, parseLength(bytes, start, end))]);
    case replyType.boolean:
      return bytes[start] === trueByte;
    case replyType.double:
      return LuaTable.fromFields(["double"], [readDouble(latin1(bytes, start, end))]);
    case replyType.bigNumber:
      return LuaTable.fromFields(["big_number"], [latin1(bytes, start, end)]);
    case replyType.verbatim: {
      const text = readBulk(bytes, start, end) as string;
      const fields = LuaTable.fromFields(
        ["string", "format"],
        [text.slice(formatHeadBytes), text.slice(0, formatBytes)],
      );
      return LuaTable.fromFields(["verbatim_string"], [fields]);
    }
    case replyType.attribute:
      readMap(bytes, parseLength(bytes, start, end));
      return readValue(bytes);
    default:
      return undefined;
  }
}

function readBulk(bytes: Uint8Array, start: number, end: number): unknown {
  const length = parseLength(bytes, start, end);
  if (length < 0) return false;
  const from = position;
  position = from + length + lineEndBytes;
  return latin1(bytes, from, from + length);
}

function readInteger(bytes: Uint8Array, start: number, end: number): number {
  const value = parseInteger(bytes, start, end - start);
  // Beyond 2^53 it is the nearest double, as in Lua.
  return Number.isNaN(value) ? Number(latin1(bytes, start, end)) : value;
}

function readDouble(text: string): number {
  if (text === "inf") return Infinity;
  return text === "-inf" ? -Infinity : Number(text);
}

function readArray(bytes: Uint8Array, count: number): unknown {
  if (count < 0) return false;
  const items: unknown[] = [undefined];
  for (let index = 0; index < count; index++) items.push(readValue(bytes));
  return LuaTable.fromItems(items);
}

function readMap(bytes: Uint8Array, count: number): LuaTable {
  const table = new LuaTable();
  for (let index = 0; index < count; index++) {
    const key = readValue(bytes);
    const value = readValue(bytes);
    if (key !== undefined) table.set(key, value);
  }
  return table;
}

function readSet(bytes: Uint8Array, count: number): LuaTable {
  const table = new LuaTable();
  for (let index = 0; index < count; index++) table.set(readValue(bytes), true);
  return table;
}

/**
 * The table that stands for an error. `isCounted`: INFO's statistics have it already, and need not
 * count it again when the script replies with it.
 */
export function errorTable(text: string, isCounted: boolean): LuaTable {
  return isCounted
    ? LuaTable.fromFields(["err", "ignore_error_stats_update"], [text, true])
    : LuaTable.fromFields(["err"], [text]);
}

/** An error's text with a code in front: `ERR` when there is only one word. */
export function errorText(text: string): string {
  return text.includes(" ") ? text : `ERR ${text}`;
}
