// The names that generated code uses for what it needs of the machine. They are all that it can
// reach: locals of a script are renamed to `v<number>`, its globals and fields live in tables.

import {
  AnyGenerator,
  finishInside,
  pendingCall,
  resumable,
  resumableOf,
  takeYielded,
  yieldRequest,
} from "./coroutine.ts";
import { callWithin, makeScoped } from "./environment.ts";
import { machine, refillBudget } from "./machine.ts";
import { raiseAt } from "./raise.ts";
import * as operators from "./operators.ts";
import { fillTable, loopKind, tableOfArguments } from "./table-operations.ts";
import { LuaTable } from "./table.ts";
import { allResults, firstResult, makeTailCall, noResults, TailCall } from "./values.ts";

export const bindings: Readonly<Record<string, unknown>> = {
  s: machine,
  T: LuaTable,
  A: Array,
  Y: AnyGenerator,
  Q: TailCall,
  W: yieldRequest,
  yielded: takeYielded,
  none: noResults,
  first: firstResult,
  all: allResults,
  tailCall: makeTailCall,
  pending: pendingCall,
  finish: finishInside,
  enter: operators.enterFunction,
  refill: refillBudget,
  floor: Math.floor,
  field: operators.field,
  setField: operators.setField,
  index: operators.index,
  setIndex: operators.setIndex,
  setRaw: operators.setRaw,
  callable: operators.callable,
  add: operators.add,
  subtract: operators.subtract,
  multiply: operators.multiply,
  divide: operators.divide,
  modulo: operators.modulo,
  power: operators.power,
  negate: operators.negate,
  lengthOf: operators.lengthOf,
  concatenate: operators.concatenate,
  equals: operators.equals,
  lessThan: operators.lessThan,
  lessOrEqual: operators.lessOrEqual,
  loopNumber: operators.loopNumber,
  loopKind,
  fill: fillTable,
  argumentTable: tableOfArguments,
  resumable,
  resumableOf,
  within: callWithin,
  scoped: makeScoped,
  raiseAt,
};

export const bindingNames = Object.keys(bindings).join(",");
