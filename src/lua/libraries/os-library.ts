// The one function of Lua's `os` that a script may have.

import type { Interpreter } from "../interpreter.ts";
import { LuaTable } from "../table.ts";

/** `processorSeconds` gives the processor time that the host has used. */
export function installOs(interpreter: Interpreter, processorSeconds: () => number): void {
  const library = new LuaTable();
  library.setString("clock", () => processorSeconds());
  interpreter.globals.setString("os", library);
}
