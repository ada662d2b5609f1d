// Which variable a name means at a place in the chunk, and Lua's limits on their number. The parser
// opens and closes functions and blocks as it meets them.

import type { FunctionBody, Variable } from "./syntax-tree.ts";

const variablesMax = 200;
const upvaluesMax = 60;

/** A function being parsed. */
interface OpenFunction {
  readonly body: FunctionBody;
  /** The variables in scope, outermost first. */
  readonly active: Variable[];
  loopDepth: number;
}

export class Scope {
  readonly #functions: OpenFunction[] = [];
  readonly #fail: (message: string) => never;
  #nextId = 0;
  /** All variables of the chunk. */
  readonly variables: Variable[] = [];

  /** `fail` reports a limit that is exceeded, without a token that it is near. */
  constructor(fail: (message: string) => never) {
    this.#fail = fail;
  }

  get body(): FunctionBody {
    return this.#current.body;
  }

  get #current(): OpenFunction {
    return this.#functions[this.#functions.length - 1];
  }

  openFunction(line: number): FunctionBody {
    const body: FunctionBody = {
      parent: this.#functions.length === 0 ? undefined : this.body,
      line,
      parameters: [],
      isVararg: false,
      usesVarargs: false,
      argument: undefined,
      hasCalls: false,
      variableCount: 0,
      upvalues: new Set(),
      block: [],
    };
    this.#functions.push({ body, active: [], loopDepth: 0 });
    return body;
  }

  closeFunction(): void {
    this.#functions.pop();
  }

  /** Returns what `closeBlock` needs. */
  openBlock(): number {
    return this.#current.active.length;
  }

  closeBlock(mark: number): void {
    this.#current.active.length = mark;
  }

  openLoop(): void {
    this.#current.loopDepth++;
  }

  closeLoop(): void {
    this.#current.loopDepth--;
  }

  get isInLoop(): boolean {
    return this.#current.loopDepth > 0;
  }

  /** Makes a variable, in scope only after `activate`; `pending` others wait for that too. */
  declare(name: string, pending = 0): Variable {
    const { body, active } = this.#current;
    if (active.length + pending + 1 > variablesMax) {
      this.#failLimit(body, variablesMax, "local variables");
    }
    body.variableCount++;
    const variable: Variable = {
      name,
      id: this.#nextId++,
      owner: body,
      isUsed: false,
      isCaptured: false,
      sources: undefined,
      isNumber: false,
    };
    this.variables.push(variable);
    return variable;
  }

  activate(variable: Variable): void {
    this.#current.active.push(variable);
  }

  /** The variable that the name means, or undefined for a global. Notes who uses whose. */
  resolve(name: string): Variable | undefined {
    for (let depth = this.#functions.length - 1; depth >= 0; depth--) {
      const variable = this.#functions[depth].active.findLast((each) => each.name === name);
      if (variable !== undefined) {
        variable.isUsed = true;
        if (depth < this.#functions.length - 1) this.#capture(variable, depth);
        return variable;
      }
    }
    return undefined;
  }

  #capture(variable: Variable, depth: number): void {
    variable.isCaptured = true;
    for (const { body } of this.#functions.slice(depth + 1)) {
      body.upvalues.add(variable);
      if (body.upvalues.size > upvaluesMax) this.#failLimit(body, upvaluesMax, "upvalues");
    }
  }

  #failLimit(body: FunctionBody, limit: number, what: string): never {
    const subject = body.line === 0 ? "main function" : `function at line ${body.line}`;
    return this.#fail(`${subject} has more than ${limit} ${what}`);
  }
}
