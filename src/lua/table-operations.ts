// What generated code and the base library share about tables: traversal, and the tables that
// constructors and vararg functions make.

import { failure } from "./call-sites.ts";
import { LuaTable } from "./table.ts";
import { typeName } from "./values.ts";

/** `next(table, key)`: the key and the value after it, or nil. */
export function nextEntry(table: unknown, key?: unknown): unknown {
  if (!(table instanceof LuaTable)) return undefined;
  const from = table.cursorOf(key);
  if (from === -1) throw failure("invalid key to 'next'");
  const cursor = table.advance(from);
  return cursor === -1 ? undefined : [table.keyAt(cursor), table.valueAt(cursor)];
}

/** What `ipairs` returns to step with. */
export function nextItem(table: unknown, at: unknown): unknown {
  if (!(table instanceof LuaTable) || typeof at !== "number") {
    throw failure(`bad argument #1 to '?' (table expected, got ${typeName(table)})`);
  }
  const value = table.getNumber(at + 1);
  return value === undefined ? undefined : [at + 1, value];
}

/** Functions that step through a whole table, and may be done without when a loop is known to. */
const entrySteps = new Set<unknown>([nextEntry]);

/** Adds a function that does what `nextEntry` does, with checks of its own. */
export function addEntryStep(step: unknown): void {
  entrySteps.add(step);
}

/** How a `for` may step: 1 as `pairs` does from the start, 2 as `ipairs`, 0 by calling. */
export function loopKind(step: unknown, table: unknown, control: unknown): number {
  if (!(table instanceof LuaTable)) return 0;
  if (step === nextItem) return typeof control === "number" ? 2 : 0;
  return control === undefined && entrySteps.has(step) ? 1 : 0;
}

/** Adds the positional items of a constructor; `items[0]` is unused. */
export function fillTable(table: LuaTable, items: unknown[]): LuaTable {
  table.addItems(items);
  return table;
}

/** The value of `arg` in a vararg function. */
export function tableOfArguments(args: readonly unknown[]): LuaTable {
  const table = LuaTable.fromItems([undefined, ...args]);
  table.setString("n", args.length);
  return table;
}
