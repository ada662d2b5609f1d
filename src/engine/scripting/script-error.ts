// How the error that ends a script is told to its caller.
import { LuaError } from "../../lua/lua-error.ts";
import { plainText } from "../../lua/host-call.ts";
import { LuaTable } from "../../lua/table.ts";
import { textOfValue } from "./lua-to-reply.ts";

/** Thrown through a script that was killed; no `pcall` catches it. */
export class ScriptKilled {
  readonly place: LuaError;

  constructor(place: LuaError) {
    this.place = place;
  }
}

/** An error reply, and whether INFO's statistics have it already. */
export interface ScriptFailure {
  readonly text: string;
  readonly isCounted: boolean;
}

/** The error reply; undefined when what was thrown is no error of the script. */
export function describeError(thrown: unknown, name: string): ScriptFailure | undefined {
  const error = thrown instanceof ScriptKilled ? thrown.place : thrown;
  if (!(error instanceof LuaError)) return undefined;
  const { value } = error;
  const table = value instanceof LuaTable ? value : undefined;
  const text = table === undefined ? `ERR ${plainText(value)}` : tableText(table);
  const source = error.chunkName ?? textOfField(table, "source");
  const line = error.line ?? textOfField(table, "line");
  const isCounted = table?.getString("ignore_error_stats_update") === true;
  if (source === undefined || line === undefined) return { text, isCounted };
  return { text: `${text} script: ${name}, on ${source}:${line}.`, isCounted };
}

/** The message of an error that nothing is added to. */
export function messageOf(thrown: LuaError | ScriptKilled): string {
  const { value } = thrown instanceof ScriptKilled ? thrown.place : thrown;
  return value instanceof LuaTable ? tableText(value) : `ERR ${plainText(value)}`;
}

function tableText(table: LuaTable): string {
  return textOfField(table, "err") ?? "ERR unknown error";
}

function textOfField(table: LuaTable | undefined, key: string): string | undefined {
  return table === undefined ? undefined : textOfValue(table.getString(key));
}
