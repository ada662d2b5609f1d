// What Lua's operators do when the operands are not plain numbers or plain tables: conversions,
// metamethods, errors. Generated code tries the plain case first and calls these for the rest; the
// messages' places and names come from the call site (call-sites.ts).

import { failure, failureAt, findCurrentPlace, placeOfHint } from "./call-sites.ts";
import type { Level } from "./call-sites.ts";
import { countAllocation, hostDepthMax, machine, refillBudget, stringSizeMax } from "./machine.ts";
import { formatNumber, parseNumber } from "./number-text.ts";
import { LuaTable } from "./table.ts";
import { firstResult, LuaUserdata, typeName } from "./values.ts";
import type { LuaFunction } from "./values.ts";

/** How many tables an index may be passed along by `__index` or `__newindex`. */
const metaLoopMax = 100;

/** What a call from the host into Lua is taken to need of the host's stack. */
const hostCallStack = 600;

/** What a concatenation takes: the host joins strings only when someone looks into them. */
const joinSize = 32;

export function metatableOf(value: unknown): LuaTable | null {
  if (value instanceof LuaTable || value instanceof LuaUserdata) return value.metatable;
  return typeof value === "string" ? machine.stringMetatable : null;
}

export function metamethod(value: unknown, event: string): unknown {
  const metatable = metatableOf(value);
  return metatable === null ? undefined : metatable.getString(event);
}

/** Fails at a place for the value of its `subject`, the first operand, or of its `second` one. */
function typeFailure(
  action: string,
  value: unknown,
  place: Level,
  operand: "subject" | "second" = "subject",
): never {
  const type = typeName(value);
  const subject = place?.site[operand];
  if (subject === undefined) throw failureAt(`attempt to ${action} a ${type} value`, place);
  // A zero byte ends a name, since C prints it.
  const [name] = subject.name.split("\0", 1);
  throw failureAt(`attempt to ${action} ${subject.kind} '${name}' (a ${type} value)`, place);
}

/** Called where the stack or the budget is used up as a function begins. */
export function enterFunction(frameSize: number): void {
  if (machine.stack < 0) {
    machine.stack += frameSize;
    throw failure("stack overflow");
  }
  refillBudget();
}

/** Calls a metamethod for its first result. */
export function callMeta(method: unknown, a: unknown, b: unknown, c?: unknown): unknown {
  enterHost();
  const call = typeof method === "function" ? (method as LuaFunction) : callableObject(method);
  const result = firstResult(c === undefined ? call(a, b) : call(a, b, c));
  leaveHost();
  return result;
}

/** To be called before the host calls Lua. An error leaves the counts to whoever catches it. */
export function enterHost(): void {
  machine.stack -= hostCallStack;
  if (++machine.hostDepth >= hostDepthMax || machine.stack < 0) {
    machine.stack += hostCallStack;
    machine.hostDepth--;
    throw failure(machine.stack < hostCallStack ? "stack overflow" : "C stack overflow");
  }
}

export function leaveHost(): void {
  machine.stack += hostCallStack;
  machine.hostDepth--;
}

/** The function that calling a value that is none calls; it fails when called, not before. */
export function callable(value: unknown): LuaFunction {
  if (typeof value === "function") return value as LuaFunction;
  const method = metamethod(value, "__call");
  if (typeof method === "function") {
    return (...args) => (method as LuaFunction)(value, ...args);
  }
  return () => typeFailure("call", value, findCurrentPlace());
}

/** The same where the value has no name. */
function callableObject(value: unknown): LuaFunction {
  const method = metamethod(value, "__call");
  if (typeof method !== "function") throw failure(`attempt to call a ${typeName(value)} value`);
  return (...args) => (method as LuaFunction)(value, ...args);
}

/** `object[key]` for any values. */
export function index(object: unknown, key: unknown): unknown {
  if (object instanceof LuaTable) {
    const value = typeof key === "number" ? object.getNumber(key) : object.getString(key);
    if (value !== undefined || object.metatable === null) return value;
  }
  return indexByMeta(object, key);
}

/** The same for a key that the code names; see `getHinted`. */
export function field(object: unknown, key: string, hints: Int32Array, at: number): unknown {
  if (object instanceof LuaTable) {
    const value = object.getHinted(key, hints, at);
    if (value !== undefined || object.metatable === null) return value;
  } else if (typeof object !== "string" && metatableOf(object) === null) {
    typeFailure("index", object, placeOfHint(hints, at));
  }
  return indexByMeta(object, key);
}

function indexByMeta(start: unknown, key: unknown): unknown {
  let object = start;
  for (let turn = 0; turn < metaLoopMax; turn++) {
    let method: unknown;
    if (object instanceof LuaTable) {
      const value = object.get(key);
      if (value !== undefined || object.metatable === null) return value;
      method = object.metatable.getString("__index");
      if (method === undefined) return undefined;
    } else {
      method = metamethod(object, "__index");
      if (method === undefined) indexFailure(object, turn);
    }
    if (typeof method === "function") return callMeta(method, object, key);
    object = method;
  }
  throw failure("loop in gettable");
}

/** `object[key] = value` for any values. */
export function setIndex(object: unknown, key: unknown, value: unknown): void {
  if (object instanceof LuaTable && object.isPlain) {
    if (typeof key === "number" && !Number.isNaN(key)) {
      object.setNumber(key, value);
      return;
    }
    if (typeof key === "string") {
      object.setString(key, value);
      return;
    }
  }
  setIndexByMeta(object, key, value);
}

export function setField(object: unknown, key: string, value: unknown): void {
  if (object instanceof LuaTable && object.isPlain) object.setString(key, value);
  else setIndexByMeta(object, key, value);
}

function setIndexByMeta(start: unknown, key: unknown, value: unknown): void {
  let object = start;
  for (let turn = 0; turn < metaLoopMax; turn++) {
    let method: unknown;
    if (object instanceof LuaTable) {
      if (object.isReadonly) throw failure("Attempt to modify a readonly table");
      method = object.metatable?.getString("__newindex");
      if (method === undefined || object.get(key) !== undefined) {
        setRaw(object, key, value);
        return;
      }
    } else {
      method = metamethod(object, "__newindex");
      if (method === undefined) indexFailure(object, turn);
    }
    if (typeof method === "function") {
      callSetter(method as LuaFunction, object, key, value);
      return;
    }
    object = method;
  }
  throw failure("loop in settable");
}

/** Fails for what cannot be indexed, which has no name unless it was indexed at first. */
function indexFailure(object: unknown, turn: number): never {
  if (turn === 0) typeFailure("index", object, findCurrentPlace());
  throw failure(`attempt to index a ${typeName(object)} value`);
}

function callSetter(method: LuaFunction, object: unknown, key: unknown, value: unknown): void {
  enterHost();
  firstResult(method(object, key, value));
  leaveHost();
}

/** Assigns without metamethods; refuses the keys that no table takes. */
export function setRaw(table: LuaTable, key: unknown, value: unknown): void {
  if (key === undefined) throw failure("table index is nil");
  if (typeof key === "number" && Number.isNaN(key)) throw failure("table index is NaN");
  table.set(key, value);
}

/** A number, or the number that a string spells; undefined for anything else. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? parseNumber(value) : undefined;
}

/** How each arithmetic metamethod computes when the operands turn out to be numbers. */
function arithmetic(
  left: unknown,
  right: unknown,
  event: string,
  compute: (a: number, b: number) => number,
): unknown {
  const a = toNumber(left);
  const b = toNumber(right);
  if (a !== undefined && b !== undefined) return compute(a, b);
  const method = metamethod(left, event) ?? metamethod(right, event);
  if (method !== undefined) return callMeta(method, left, right);
  const place = findCurrentPlace();
  if (a === undefined) typeFailure("perform arithmetic on", left, place);
  return typeFailure("perform arithmetic on", right, place, "second");
}

const computeAdd = (a: number, b: number): number => a + b;
const computeSubtract = (a: number, b: number): number => a - b;
const computeMultiply = (a: number, b: number): number => a * b;
const computeDivide = (a: number, b: number): number => a / b;
const computeModulo = (a: number, b: number): number => a - Math.floor(a / b) * b;
const computeNegation = (a: number): number => -a;

/** C's pow, which has an answer where the host's operator has none. */
function computePower(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Infinity || b === -Infinity))) return 1;
  return a ** b;
}

export function add(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, "__add", computeAdd);
}

export function subtract(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, "__sub", computeSubtract);
}

export function multiply(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, "__mul", computeMultiply);
}

export function divide(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, "__div", computeDivide);
}

export function modulo(a: unknown, b: unknown): unknown {
  return arithmetic(a, b, "__mod", computeModulo);
}

export function power(a: unknown, b: unknown): unknown {
  if (typeof a === "number" && typeof b === "number") return computePower(a, b);
  return arithmetic(a, b, "__pow", computePower);
}

export function negate(a: unknown): unknown {
  return arithmetic(a, a, "__unm", computeNegation);
}

/** `#value`. Tables have no metamethod for it in Lua 5.1. */
export function lengthOf(value: unknown): unknown {
  if (typeof value === "string") return value.length;
  if (value instanceof LuaTable) return value.length;
  const method = metamethod(value, "__len");
  if (method !== undefined) return callMeta(method, value, undefined);
  return typeFailure("get length of", value, findCurrentPlace());
}

export function concatenate(left: unknown, right: unknown): unknown {
  if (typeof left === "string" && typeof right === "string") return join(left, right);
  const a = typeof left === "number" ? formatNumber(left) : left;
  const b = typeof right === "number" ? formatNumber(right) : right;
  if (typeof a === "string" && typeof b === "string") return join(a, b);
  const method = metamethod(left, "__concat") ?? metamethod(right, "__concat");
  if (method !== undefined) return callMeta(method, left, right);
  const place = findCurrentPlace();
  if (typeof a !== "string") typeFailure("concatenate", left, place);
  return typeFailure("concatenate", right, place, "second");
}

function join(a: string, b: string): string {
  countAllocation(joinSize);
  if (a.length + b.length > stringSizeMax) throw failure("not enough memory");
  return a + b;
}

/** `a == b` for values that the host does not find equal. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof LuaTable ? !(b instanceof LuaTable) : !(a instanceof LuaUserdata)) return false;
  if (a instanceof LuaUserdata && !(b instanceof LuaUserdata)) return false;
  const method = sharedMethod(a, b, "__eq");
  return method !== undefined && isTrue(callMeta(method, a, b));
}

/** The metamethod that both values have, or undefined. */
function sharedMethod(a: unknown, b: unknown, event: string): unknown {
  const method = metamethod(a, event);
  return method !== undefined && method === metamethod(b, event) ? method : undefined;
}

export function isTrue(value: unknown): boolean {
  return value !== undefined && value !== false;
}

export function lessThan(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a < b;
  if (typeof a === "string" && typeof b === "string") return a < b;
  const method = typeName(a) === typeName(b) ? sharedMethod(a, b, "__lt") : undefined;
  if (method === undefined) return failOrder(a, b);
  return isTrue(callMeta(method, a, b));
}

export function lessOrEqual(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return a <= b;
  if (typeof a === "string" && typeof b === "string") return a <= b;
  if (typeName(a) !== typeName(b)) return failOrder(a, b);
  const method = sharedMethod(a, b, "__le");
  if (method !== undefined) return isTrue(callMeta(method, a, b));
  const opposite = sharedMethod(b, a, "__lt");
  if (opposite === undefined) return failOrder(a, b);
  return !isTrue(callMeta(opposite, b, a));
}

function failOrder(a: unknown, b: unknown): never {
  const first = typeName(a);
  const second = typeName(b);
  throw failure(
    first === second
      ? `attempt to compare two ${first} values`
      : `attempt to compare ${first} with ${second}`,
  );
}

/** The number that a numeric `for` starts from, ends at, or steps by. */
export function loopNumber(value: unknown, what: string): number {
  const number = toNumber(value);
  if (number === undefined) throw failure(`'for' ${what} must be a number`);
  return number;
}
