// Coroutines as generators of the host. Chunks that speak of coroutines are compiled so that their
// functions are generators; `resumableOf` makes of one what everybody else can call like any
// function. A yield passes up through generators only, so what the host calls (a metamethod, the
// order function of `table.sort`, what `pcall` protects) cannot yield, as in Lua 5.1.

import { luaErrorOf } from "./caught-error.ts";
import { LuaError } from "./lua-error.ts";
import { enterHost } from "./operators.ts";
import { machine } from "./machine.ts";
import { LuaThread, TailCall } from "./values.ts";
import type { LuaFunction } from "./values.ts";

const yieldRefused = "attempt to yield across metamethod/C-call boundary";

type LuaGenerator = Generator<unknown, unknown, unknown>;
type GeneratorMaker = (...args: unknown[]) => LuaGenerator;
/** A generator's maker, or `requestYield`. */
type Resumed = (...args: unknown[]) => unknown;

const generatorKey = Symbol("generator");

/** A function that can be called, and by a generator be run as a generator. */
interface Resumable extends LuaFunction {
  [generatorKey]?: Resumed;
}

/** All generators are instances of it. */
export function AnyGenerator(): void {}
AnyGenerator.prototype = Object.getPrototypeOf(function* () {}.prototype) as object;

export function resumableOf(make: GeneratorMaker): LuaFunction {
  const plain: Resumable = (...args) => runThrough(make(...args));
  plain[generatorKey] = make;
  return plain;
}

/** What a generator should call instead of the function: it returns a generator if it can. */
export function resumable(called: LuaFunction): LuaFunction {
  return (called as Resumable)[generatorKey] ?? called;
}

/** Runs a generator where it may not yield. */
function runThrough(generator: LuaGenerator): unknown {
  let step = generator.next();
  while (step.done !== true) {
    step = generator.throw(new LuaError(yieldRefused));
  }
  return step.value;
}

export function pendingCall(generator: LuaGenerator): TailCall {
  return new TailCall(() => runThrough(generator), [], generator);
}

/** Makes the calls that are still to be made, inside a coroutine. */
export function* finishInside(call: TailCall): LuaGenerator {
  let result: unknown = call;
  while (result instanceof TailCall) {
    result =
      result.generator === undefined
        ? result.callee.apply(undefined, [...result])
        : yield* result.generator;
  }
  return result;
}

/** What `coroutine.yield` returns to a generator, which then yields `takeYielded()`. */
export const yieldRequest = Symbol("yield");

let yielded: unknown;

export function takeYielded(): unknown {
  return yielded;
}

function requestYield(...args: unknown[]): unknown {
  yielded = args.length === 1 ? args[0] : args;
  return yieldRequest;
}

/** `coroutine.yield`: values go out, and values come back, as functions return them. */
export const yieldValues: LuaFunction = Object.assign(
  () => {
    throw new LuaError(yieldRefused);
  },
  { [generatorKey]: requestYield },
);

export type CoroutineStatus = "suspended" | "running" | "normal" | "dead";

let running: Coroutine | undefined;

export function runningCoroutine(): Coroutine | undefined {
  return running;
}

export class Coroutine extends LuaThread {
  override status: CoroutineStatus = "suspended";
  readonly #body: LuaFunction;
  #generator: LuaGenerator | undefined;
  /** What its frames take of the host's stack while it runs. */
  #stackUsed = 0;

  constructor(body: LuaFunction) {
    super();
    this.#body = body;
  }

  /**
   * Runs until it yields or ends. What it gives, as functions return it, or its LuaError, if the
   * error is Lua's own.
   */
  resume(args: unknown[]): unknown {
    if (this.status !== "suspended") {
      return new LuaError(`cannot resume ${this.status} coroutine`);
    }
    const { stack: before, hostDepth, protectedDepth } = machine;
    const resumer = running;
    machine.protectedDepth = protectedDepth + 1;
    if (resumer !== undefined) resumer.status = "normal";
    // oxlint-disable-next-line typescript/no-this-alias -- the running coroutine is this one
    running = this;
    this.status = "running";
    let isDone = false;
    try {
      enterHost();
      isDone = true;
      machine.stack -= this.#stackUsed;
      const step = this.#step(args);
      isDone = step.done === true;
      return step.value;
    } catch (thrown) {
      const error = luaErrorOf(thrown);
      if (error === undefined) throw thrown;
      return error;
    } finally {
      this.status = isDone ? "dead" : "suspended";
      // None where there was no room to enter it.
      if (machine.stack < before) this.#stackUsed = before - machine.stack;
      machine.stack = before;
      machine.hostDepth = hostDepth;
      machine.protectedDepth = protectedDepth;
      running = resumer;
      if (resumer !== undefined) resumer.status = "running";
    }
  }

  #step(args: unknown[]): IteratorResult<unknown, unknown> {
    if (this.#generator !== undefined) {
      return this.#generator.next(args.length === 1 ? args[0] : args);
    }
    this.#generator = runBody(this.#body, args);
    return this.#generator.next();
  }
}

function* runBody(body: LuaFunction, args: unknown[]): LuaGenerator {
  const result = runFromHost(body, args);
  let value = result;
  if (result === yieldRequest) value = yield takeYielded();
  else if (isGenerator(result)) value = yield* result;
  return value instanceof TailCall ? yield* finishInside(value) : value;
}

/** Named so that it ends Lua's stack of the coroutine; see call-sites.ts. */
function runFromHost(body: LuaFunction, args: unknown[]): unknown {
  return resumable(body)(...args);
}

function isGenerator(value: unknown): value is LuaGenerator {
  return value instanceof (AnyGenerator as unknown as new () => object);
}
