// Statements of Lua, and whole functions, as code of the host's language. A Lua variable becomes
// `v<number>`, so its name cannot mean anything to the host; blocks stay blocks, which gives each
// turn of a loop variables of its own.

import { ChunkContext, FunctionContext } from "./code-context.ts";
import type { CodeModes } from "./code-context.ts";
import { ExpressionCode, isRepeatable, setterOf } from "./expression-code.ts";
import { isSeveral } from "./static-type.ts";
import type { Site } from "./call-sites.ts";
import { quote } from "./code-context.ts";
import type {
  Assignable,
  CallExpression,
  Expression,
  FunctionBody,
  GenericFor,
  MethodExpression,
  NumericFor,
  Statement,
  Variable,
} from "./syntax-tree.ts";

/** Where a loop turns back, the host may end the script. */
const tick = "if(--s.budget<0)refill();";
/** A loop that is written as a loop of loops looks whether it may so only every so many turns. */
const turnsMax = 256;

export interface ChunkCode {
  /** A function's code, with marks; see call-sites.ts. */
  readonly marked: string;
  readonly sites: readonly Site[];
  readonly hintSites: readonly number[];
}

/** The code of the chunk's main function. */
export function writeChunk(body: FunctionBody, modes: CodeModes): ChunkCode {
  const chunk = new ChunkContext(modes);
  const marked = new StatementCode(chunk, body).main();
  return { marked, sites: chunk.sites, hintSites: chunk.hintSites };
}

class StatementCode {
  readonly #chunk: ChunkContext;
  readonly #expressions: ExpressionCode;
  #current: FunctionContext;
  #loopCount = 0;
  /** What ends the loops that are being written, the innermost last. */
  readonly #breaks: string[] = [];

  constructor(chunk: ChunkContext, body: FunctionBody) {
    this.#chunk = chunk;
    this.#current = new FunctionContext(body, this.#isGenerator(body));
    this.#expressions = new ExpressionCode(chunk, this.#current, (inner) => this.#function(inner));
  }

  /** A function without calls cannot yield. */
  #isGenerator(body: FunctionBody): boolean {
    return this.#chunk.modes.coroutines && body.hasCalls;
  }

  main(): string {
    const code = this.#functionText();
    // The globals are read when the chunk starts, since `setfenv` may be used on a loaded chunk.
    return this.#wrap(code);
  }

  #function(body: FunctionBody): string {
    const outer = this.#current;
    this.#current = new FunctionContext(body, this.#isGenerator(body));
    this.#expressions.current = this.#current;
    const text = this.#wrap(this.#functionText());
    this.#current = outer;
    this.#expressions.current = outer;
    return text;
  }

  #wrap(code: string): string {
    const resumable = this.#current.isGenerator ? `resumableOf(${code})` : code;
    return this.#chunk.modes.environments ? `scoped(E,E=>${resumable})` : resumable;
  }

  #functionText(): string {
    const { body, isGenerator } = this.#current;
    const names = body.parameters.map(({ id }) => `v${id}`);
    if (body.isVararg) names.push("...va");
    const globals = body.parent === undefined && !this.#chunk.modes.environments;
    const start = `${globals ? "const G=E.table;" : ""}${this.#argumentTable(body)}`;
    const entry = this.#chunk.mark(0);
    const last = body.block.at(-1)?.kind;
    const end = last === "return" ? "" : `${this.#leave()}return none;`;
    const code = this.#current.finish(`${start}${this.#block(body.block)}${end}`, entry);
    return `function${isGenerator ? "*" : ""}(${names.join(",")}){${code}}`;
  }

  /** The table of varargs that functions had before Lua 5.1, for those that do without `...`. */
  #argumentTable({ argument, usesVarargs }: FunctionBody): string {
    if (argument === undefined || !argument.isUsed) return "";
    return `let v${argument.id}${usesVarargs ? "" : "=argumentTable(va)"};`;
  }

  #leave(): string {
    return this.#current.leave();
  }

  #block(block: readonly Statement[]): string {
    return block.map((statement) => this.#statement(statement)).join("");
  }

  #statement(statement: Statement): string {
    const count = this.#current.temporaryCount;
    const text = this.#write(statement);
    this.#current.release(count);
    return text;
  }

  #write(statement: Statement): string {
    switch (statement.kind) {
      case "localDeclaration":
        return this.#local(statement.variables, statement.values);
      case "localFunction": {
        const { variable, body } = statement;
        return `let v${variable.id};v${variable.id}=${this.#function(body)};`;
      }
      case "assignment":
        return this.#assignment(statement.targets, statement.values, statement.line);
      case "callStatement":
        return this.#callStatement(statement.call);
      case "do":
        return `{${this.#block(statement.block)}}`;
      case "while": {
        const id = this.#loopCount++;
        const test = this.#expressions.condition(statement.condition);
        return this.#turns(id, { start: "", test, step: "", head: "" }, statement.block);
      }
      case "repeat": {
        const block = this.#loopBlock(statement.block, "break;");
        const condition = this.#expressions.condition(statement.condition);
        return `for(;;){${tick}${block}if(${condition})break;}`;
      }
      case "if":
        return this.#if(statement);
      case "numericFor":
        return this.#numericFor(statement);
      case "genericFor":
        return this.#genericFor(statement);
      case "return":
        return this.#return(statement.values);
      case "break":
        return this.#breaks[this.#breaks.length - 1];
    }
  }

  /** The block of a loop that is left by the given statement. */
  #loopBlock(block: readonly Statement[], leave: string): string {
    this.#breaks.push(leave);
    const text = this.#block(block);
    this.#breaks.pop();
    return text;
  }

  /**
   * A loop as a loop of loops of `turnsMax` turns: counting turns in a variable costs nothing, in
   * the machine as much as an addition. And what `start` makes a number again, at the start of each
   * inner loop, the host keeps in a register, although it compiles the code in the middle of the
   * outer loop, when it knows nothing of the values yet.
   */
  #turns(
    id: number,
    loop: {
      readonly start: string;
      readonly test: string;
      readonly step: string;
      readonly head: string;
    },
    block: readonly Statement[],
  ): string {
    const count = `n${id}`;
    const body = loop.head + this.#loopBlock(block, `break L${id};`);
    return [
      `L${id}:for(;;){let ${count}=0;${loop.start}`,
      `for(;${count}<${turnsMax}&&${loop.test};${count}++${loop.step}){${body}}`,
      `if((s.budget-=${count})<0)refill();if(${count}<${turnsMax})break;}`,
    ].join("");
  }

  #if({ branches, otherwise }: Extract<Statement, { kind: "if" }>): string {
    const texts = branches.map(({ condition, block }) => {
      const test = this.#expressions.condition(condition);
      return `if(${test}){${this.#block(block)}}`;
    });
    const end = otherwise === undefined ? "" : `else{${this.#block(otherwise)}}`;
    return texts.join("else ") + end;
  }

  #callStatement(call: CallExpression | MethodExpression): string {
    const text = this.#expressions.call(call);
    const name = this.#current.temporary();
    return `if((${name}=${text})instanceof A)first(${name});`;
  }

  #local(variables: readonly Variable[], values: readonly Expression[]): string {
    const parts: string[] = [];
    const lastValue = values.at(-1);
    const isOpen = lastValue !== undefined && isSeveral(lastValue);
    for (const [at, value] of values.entries()) {
      if (at === values.length - 1 && isOpen && variables.length > values.length) {
        const list = this.#current.temporary();
        parts.push(`${list}=all(${this.#expressions.several(value)});`);
        for (const [offset, { id }] of variables.slice(at).entries()) {
          parts.push(`let v${id}=${list}[${offset}];`);
        }
      } else if (at < variables.length) {
        parts.push(`let v${variables[at].id}=${this.#expressions.value(value)};`);
      } else {
        parts.push(`${this.#expressions.value(value)};`);
      }
    }
    const given = isOpen ? variables.length : values.length;
    for (const { id } of variables.slice(given)) parts.push(`let v${id};`);
    return parts.join("");
  }

  #assignment(targets: readonly Assignable[], values: readonly Expression[], line: number): string {
    if (targets.length === 1 && values.length === 1) {
      return this.#assignOne(targets[0], values[0], line);
    }
    const parts: string[] = [];
    const places = targets.map((target) => this.#place(target, parts));
    const names: string[] = [];
    for (const [at, value] of values.entries()) {
      const isLast = at === values.length - 1;
      if (isLast && isSeveral(value) && targets.length > values.length) {
        const list = this.#current.temporary();
        parts.push(`${list}=all(${this.#expressions.several(value)});`);
        for (let offset = 0; at + offset < targets.length; offset++) {
          names.push(`${list}[${offset}]`);
        }
      } else {
        const text = this.#expressions.value(value);
        const name = this.#current.temporary();
        parts.push(`${name}=${text};`);
        names.push(name);
      }
    }
    // Lua assigns the last first.
    for (let at = targets.length - 1; at >= 0; at--) {
      parts.push(this.#store(places[at], targets[at], names[at] ?? "void 0", line));
    }
    return parts.join("");
  }

  /** Evaluates the object and the key of a target; what `#store` needs of them. */
  #place(target: Assignable, parts: string[]): readonly [object: string, key: string] {
    if (target.kind !== "index") return ["", ""];
    const object = this.#kept(target.object, parts);
    return [object, this.#kept(target.key, parts)];
  }

  #kept(expression: Expression, parts: string[]): string {
    const text = this.#expressions.value(expression);
    if (expression.kind === "string" || expression.kind === "number") return text;
    const name = this.#current.temporary();
    parts.push(`${name}=${text};`);
    return name;
  }

  #store(
    [object, key]: readonly [string, string],
    target: Assignable,
    value: string,
    line: number,
  ): string {
    switch (target.kind) {
      case "local":
        return `v${target.variable.id}=${value};`;
      case "global": {
        const mark = this.#chunk.mark(line);
        return `${mark}setField(${this.#expressions.globals},${quote(target.name)},${value});`;
      }
      case "index": {
        const mark = this.#chunk.mark(line, this.#expressions.subjectOf(target.object));
        return `${mark}${setterOf(target.key)}(${object},${key},${value});`;
      }
    }
  }

  #assignOne(target: Assignable, value: Expression, line: number): string {
    if (target.kind !== "index") {
      return this.#store(["", ""], target, this.#expressions.value(value), line);
    }
    const mark = this.#chunk.mark(line, this.#expressions.subjectOf(target.object));
    const expressions = this.#expressions;
    const set = setterOf(target.key);
    const isLate = expressions.isLate(target.object) || expressions.isLate(target.key);
    const object = expressions.value(target.object);
    const key = expressions.value(target.key);
    if (!isLate || (isRepeatable(target.key) && isRepeatable(value))) {
      return `${mark}${set}(${object},${key},${expressions.value(value)});`;
    }
    // What is not a late variable keeps the value that it has before the others are computed.
    const parts: string[] = [];
    const kept = [target.object, target.key].map((each) =>
      expressions.isLate(each) ? expressions.value(each) : this.#kept(each, parts),
    );
    kept.push(this.#kept(value, parts));
    return `${parts.join("")}${mark}${set}(${kept.join(",")});`;
  }

  #return(values: readonly Expression[]): string {
    const leave = this.#leave();
    const [first] = values;
    if (values.length === 0) return `${leave}return none;`;
    if (values.length === 1 && (first.kind === "call" || first.kind === "method")) {
      return this.#tailCall(first);
    }
    const isList = values.length > 1 || first.kind === "varargs";
    const text = isList ? this.#list(values) : this.#expressions.value(first);
    if (leave === "") return `return ${text};`;
    const name = this.#current.temporary();
    return `${name}=${text};${leave}return ${name};`;
  }

  #list(values: readonly Expression[]): string {
    return values.length === 1 ? "va" : `[${this.#expressions.list(values)}]`;
  }

  /**
   * A tail call is an ordinary call while there is room on the host's stack; then the function
   * returns first, and whoever called it makes the call.
   */
  #tailCall(expression: CallExpression | MethodExpression): string {
    const mark = this.#chunk.markTailCall(
      expression.line,
      expression.kind === "method"
        ? { kind: "method", name: expression.name }
        : this.#expressions.subjectOf(expression.callee),
    );
    const { callee, self } = this.#expressions.callee(expression);
    const called = this.#current.temporary();
    const parts = [`${called}=${callee};`];
    const names: string[] = [];
    if (self !== "") {
      // Its temporary may be the one that the next argument takes.
      const object = this.#current.temporary();
      const other = this.#current.temporary();
      parts.splice(0, 1, `${object}=${callee};${other}=${self};`, `${called}=${object};`);
      names.push(other);
    }
    for (const [at, argument] of expression.args.entries()) {
      const isOpen = at === expression.args.length - 1 && isSeveral(argument);
      const text = isOpen ? this.#expressions.array([argument]) : this.#expressions.value(argument);
      const name = this.#current.temporary();
      parts.push(`${name}=${text};`);
      names.push(isOpen ? `...${name}` : name);
    }
    const list = names.join(",");
    const leave = this.#leave();
    if (!this.#current.isGenerator) {
      parts.push(`if(s.stack<s.stackLow){${leave}return tailCall(${called},[${list}]);}`);
    }
    parts.push(`${called}=${mark}${called}(${list});${leave}`);
    // A generator has not begun to run yet: the caller can just as well run it.
    const pending = this.#current.isGenerator
      ? `${called}===W?yield yielded():${called} instanceof Y?pending(${called}):`
      : "";
    parts.push(`return ${pending}${called};`);
    return parts.join("");
  }

  #numericFor({ variable, start, limit, step, block, line }: NumericFor): string {
    const id = this.#loopCount++;
    const mark = this.#chunk.mark(line);
    const number = (expression: Expression, name: string, what: string): string => {
      const text = this.#expressions.value(expression);
      if (expression.kind === "number") return `let ${name}=${text};`;
      const check = `if(typeof ${name}!=="number")${name}=${mark}loopNumber(${name},"${what}");`;
      return `let ${name}=${text};${check}`;
    };
    const parts = [number(start, `i${id}`, "initial value"), number(limit, `l${id}`, "limit")];
    let test = `i${id}<=l${id}`;
    let advance = `,i${id}+=1`;
    const fixed = step === undefined ? 1 : fixedNumber(step);
    if (step !== undefined && fixed === undefined) {
      parts.push(number(step, `d${id}`, "step"));
      test = `(d${id}>0?i${id}<=l${id}:i${id}>=l${id})`;
      advance = `,i${id}+=d${id}`;
    } else if (fixed !== undefined && fixed !== 1) {
      test = fixed > 0 ? test : `i${id}>=l${id}`;
      advance = `,i${id}+=(${fixed})`;
    }
    const head = `let v${variable.id}=i${id};`;
    const turns = this.#turns(id, { start: `i${id}=+i${id};`, test, step: advance, head }, block);
    return `{${parts.join("")}${turns}}`;
  }

  /**
   * Loops over `pairs` and `ipairs` step through the table themselves; `loopKind` finds out at run
   * time whether it is one.
   */
  #genericFor({ variables, values, block, line }: GenericFor): string {
    const id = this.#loopCount++;
    const [key, value] = variables;
    const list = this.#current.temporary();
    const names = variables.map((variable) => `v${variable.id}`);
    const stepValue = value === undefined ? "" : `v${value.id}=o${id}.valueAt(c${id});`;
    const indexValue = value === undefined ? "" : `v${value.id}=${list};`;
    const rest = names.map((name, at) => `${name}=${list}[${at}]`).join(";");
    const mark = this.#chunk.mark(line);
    const text = this.#loopBlock(block, "break;");
    return [
      `{${list}=${this.#expressions.array(values)};`,
      `let f${id}=${list}[0],o${id}=${list}[1],c${id}=${list}[2];`,
      `const m${id}=loopKind(f${id},o${id},c${id});if(m${id}===1)c${id}=0;`,
      `else if(m${id}===0&&typeof f${id}!=="function")f${id}=callable(f${id});`,
      `for(;;){${tick}let ${names.join(",")};`,
      `if(m${id}===1){if((c${id}=o${id}.advance(c${id}))<0)break;`,
      `v${key.id}=o${id}.keyAt(c${id});${stepValue}}`,
      `else if(m${id}===2){if((${list}=o${id}.getNumber(++c${id}))===void 0)break;`,
      `v${key.id}=c${id};${indexValue}}`,
      `else{${list}=${mark}f${id}(o${id},c${id});`,
      `if(${list} instanceof A){${list}=all(${list});${rest};}else v${key.id}=${list};`,
      `if(v${key.id}===void 0)break;c${id}=v${key.id};}`,
      `${text}}}`,
    ].join("");
  }
}

/** The value of a number literal, with its sign. */
function fixedNumber(expression: Expression): number | undefined {
  if (expression.kind === "number") return expression.value;
  if (expression.kind === "unary" && expression.operator === "-") {
    const operand = fixedNumber(expression.operand);
    return operand === undefined ? undefined : -operand;
  }
  return undefined;
}
