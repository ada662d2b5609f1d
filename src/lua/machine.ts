// The registers of the one Lua machine of a thread: what remains of the limits of the running call,
// and what belongs to the interpreter whose code runs. Generated code and the operators read and
// count in it directly, so it is a plain object whose fields keep their shapes.

import type { LuaTable } from "./table.ts";

export interface Machine {
  /** Loop turns and calls until `onBudget` is asked. */
  budget: number;
  /** Estimated bytes of the host's stack that Lua may still use. */
  stack: number;
  /** When less than this remains of `stack`, a tail call gives its frame back first. */
  stackLow: number;
  /** How many host functions that call Lua are on the stack. */
  hostDepth: number;
  /** How many of them are `pcall` or the like, which keep an error from reaching the caller. */
  protectedDepth: number;
  /** Estimated bytes that strings and tables took since the call began. */
  allocated: number;
  /** `onAllocation` is asked when `allocated` exceeds this. */
  allocatedMax: number;
  /** Sets the next budget and returns, or throws what no `pcall` catches. */
  onBudget: () => number;
  /** Returns the next `allocatedMax`; throwing a LuaError makes the script fail. */
  onAllocation: (allocated: number) => number;
  stringMetatable: LuaTable | null;
  /** Whether a call is under way. */
  isRunning: boolean;
}

/** How many calls from the host into Lua may nest, as in Lua's own configuration. */
export const hostDepthMax = 200;

/** How long a string may be: the host has none longer. */
export const stringSizeMax = 0x1fff_ffe0;

const budgetDefault = 1 << 30;

export const machine: Machine = {
  budget: budgetDefault,
  stack: 0,
  stackLow: 0,
  hostDepth: 0,
  protectedDepth: 0,
  allocated: 0,
  allocatedMax: Infinity,
  onBudget: () => budgetDefault,
  onAllocation: () => Infinity,
  stringMetatable: null,
  isRunning: false,
};

/** Notes that `size` more bytes were taken. */
export function countAllocation(size: number): void {
  machine.allocated += size;
  if (machine.allocated > machine.allocatedMax) {
    machine.allocatedMax = machine.onAllocation(machine.allocated);
  }
}

/** Asks the host for more budget when it is used up. */
export function refillBudget(): void {
  machine.budget = machine.onBudget();
}
