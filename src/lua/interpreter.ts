// A Lua state: globals, the metatable of strings, limits. What embeds Lua makes one, installs
// libraries into its globals, compiles chunks and calls them.
//
// Only one Lua call runs at a time in a thread; a call from inside another (a host function that
// calls Lua) goes through `callFromHost` and shares the limits of the outer one.

import { luaErrorOf } from "./caught-error.ts";
import { compileChunk } from "./compiler.ts";
import { findEnvironment } from "./environment.ts";
import { machine } from "./machine.ts";
import type { Machine } from "./machine.ts";
import { LuaTable } from "./table.ts";
import { allResults, firstResult } from "./values.ts";
import type { LuaFunction } from "./values.ts";

export interface InterpreterLimits {
  /**
   * How much of the host's stack Lua may use, in bytes by a careful estimate. Node's own default
   * leaves room for the default here, and for host functions called at its end.
   */
  readonly stackSize?: number;
  /**
   * Asked each time that `budget` loop turns and calls have passed. Returns the next budget, or
   * throws anything but a LuaError to end the script: no `pcall` catches that.
   */
  readonly onBudget?: () => number;
  readonly budget?: number;
  /**
   * Asked when a call has taken more memory than `allocationSize`, by an estimate that ignores what
   * was collected since. Returns the next mark, or throws `notEnoughMemory()`.
   */
  readonly onAllocation?: (allocated: number) => number;
  readonly allocationSize?: number;
}

const stackSizeDefault = 480_000;
const budgetDefault = 1 << 30;

const unlimitedBudget = (): number => budgetDefault;
const unlimitedAllocation = (): number => Infinity;

export class Interpreter {
  readonly globals = new LuaTable();
  /** Where methods of strings are looked up; the string library fills it. */
  readonly stringMetatable = new LuaTable();
  readonly #limits: InterpreterLimits;
  #usesCoroutines = false;
  #usesEnvironments = false;

  constructor(limits: InterpreterLimits = {}) {
    this.#limits = limits;
  }

  /**
   * The main function of a chunk, given as a Latin-1 string. `chunkName` is `@file`, `=name` or the
   * source itself. Throws a LuaSyntaxError.
   */
  compile(source: string, chunkName: string, globals: LuaTable = this.globals): LuaFunction {
    const coroutines = source.includes("coroutine");
    const environments = /[gs]etfenv/.test(source);
    this.#usesCoroutines ||= coroutines;
    this.#usesEnvironments ||= environments;
    return compileChunk(source, chunkName, { table: globals }, { coroutines, environments });
  }

  /** The same for source that a script loads: what the script uses may be used on its functions. */
  compileNested(source: string, chunkName: string): LuaFunction {
    const coroutines = this.#usesCoroutines || source.includes("coroutine");
    const environments = this.#usesEnvironments || /[gs]etfenv/.test(source);
    return compileChunk(source, chunkName, { table: this.globals }, { coroutines, environments });
  }

  /** The globals that a function sees. */
  globalsOf(called: LuaFunction): LuaTable {
    return findEnvironment(called)?.table ?? this.globals;
  }

  /**
   * Calls a function from outside of Lua, with fresh limits, and returns all its results. Throws a
   * LuaError, or what `onBudget` threw.
   */
  call(called: LuaFunction, args: readonly unknown[] = []): unknown[] {
    const outer = this.#start();
    try {
      return allResults(called(...args));
    } catch (error) {
      throw luaErrorOf(error) ?? error;
    } finally {
      end(outer);
    }
  }

  /** The same for a function without arguments, and its first result. */
  callForFirst(called: LuaFunction): unknown {
    const outer = this.#start();
    try {
      return firstResult(called());
    } catch (error) {
      throw luaErrorOf(error) ?? error;
    } finally {
      end(outer);
    }
  }

  /** Returns what the registers hold of the call that this one interrupts, if it does. */
  #start(): Machine | undefined {
    const outer = machine.isRunning ? { ...machine } : undefined;
    const limits = this.#limits;
    machine.stack = limits.stackSize ?? stackSizeDefault;
    machine.stackLow = machine.stack >> 1;
    machine.hostDepth = 0;
    machine.protectedDepth = 0;
    machine.allocated = 0;
    machine.allocatedMax = limits.allocationSize ?? Infinity;
    machine.budget = limits.budget ?? budgetDefault;
    machine.onBudget = limits.onBudget ?? unlimitedBudget;
    machine.onAllocation = limits.onAllocation ?? unlimitedAllocation;
    machine.stringMetatable = this.stringMetatable;
    machine.isRunning = true;
    return outer;
  }
}

function end(outer: Machine | undefined): void {
  machine.isRunning = false;
  machine.allocatedMax = Infinity;
  if (outer !== undefined) Object.assign(machine, outer);
}
