// The table of globals of each function, which `setfenv` may change. Ordinary chunks share one cell
// among all their functions; a chunk that speaks of `setfenv` gives each function its own.

import type { LuaTable } from "./table.ts";
import type { LuaFunction } from "./values.ts";

export interface Environment {
  table: LuaTable;
}

const environments = new WeakMap<object, Environment>();

/** The environments of the running functions of such chunks, innermost last. */
const running: Environment[] = [];

/** Makes a function with a cell of its own, which starts as its maker's. */
export function makeScoped(
  outer: Environment,
  make: (own: Environment) => LuaFunction,
): LuaFunction {
  const own: Environment = { table: outer.table };
  const made = make(own);
  environments.set(made, own);
  return made;
}

export function noteEnvironment(made: LuaFunction, environment: Environment): void {
  environments.set(made, environment);
}

/** The cell of a function; undefined for one of the host's, or one that shares its chunk's cell. */
export function findEnvironment(made: object): Environment | undefined {
  return environments.get(made);
}

/** The cell of the function at a level of the stack; 1 called the running host function. */
export function environmentAt(level: number): Environment | undefined {
  return running[running.length - level];
}

/** The same function, called with its caller's cell on the stack of cells. */
export function callWithin(environment: Environment, called: LuaFunction): LuaFunction {
  return (...args) => {
    const depth = running.push(environment);
    try {
      return called(...args);
    } finally {
      running.length = depth - 1;
    }
  };
}
