// Expressions of Lua as expressions of the host's language. Each method returns text; evaluating
// the text evaluates the operands once and in Lua's order.
//
// Plain cases are written out (numbers added, functions called), everything else is a call of an
// operator (operators.ts). The names that the text uses are those of bindings.ts.

import type { Subject } from "./call-sites.ts";
import { quote } from "./code-context.ts";
import { foldedValue, isRaise, isSeveral, staticType } from "./static-type.ts";
import type { ChunkContext, FunctionContext } from "./code-context.ts";
import type {
  ArithmeticOperator,
  BinaryExpression,
  CallExpression,
  ComparisonOperator,
  Expression,
  FunctionBody,
  IndexExpression,
  LogicalExpression,
  MethodExpression,
  TableExpression,
  UnaryExpression,
} from "./syntax-tree.ts";

/** An operand that may be named more than once: what must be evaluated first, and its name. */
interface Operand {
  readonly setup: string;
  readonly text: string;
}

const arithmeticNames: Readonly<Record<ArithmeticOperator, string>> = {
  "+": "add",
  "-": "subtract",
  "*": "multiply",
  "/": "divide",
  "%": "modulo",
  "^": "power",
};

export class ExpressionCode {
  readonly #chunk: ChunkContext;
  readonly #writeFunction: (body: FunctionBody) => string;
  /** The function that is being written. */
  current: FunctionContext;

  constructor(
    chunk: ChunkContext,
    current: FunctionContext,
    writeFunction: (body: FunctionBody) => string,
  ) {
    this.#chunk = chunk;
    this.current = current;
    this.#writeFunction = writeFunction;
  }

  /** The table of globals that the running function sees. */
  get globals(): string {
    return this.#chunk.modes.environments ? "E.table" : "G";
  }

  /** Exactly one value. */
  value(expression: Expression): string {
    switch (expression.kind) {
      case "nil":
        return "void 0";
      case "true":
      case "false":
        return expression.kind;
      case "number":
        return this.current.constant(expression.value);
      case "string":
        return quote(expression.value);
      case "varargs":
        return "va[0]";
      case "local":
        return `v${expression.variable.id}`;
      case "global":
        return this.#global(expression.name, expression.line);
      case "index":
        return this.#index(expression);
      case "call":
      case "method":
        return this.#single(this.call(expression));
      case "and":
      case "or":
        return this.#logical(expression);
      case "binary":
        return this.#binary(expression);
      case "unary":
        return this.#unary(expression);
      case "parenthesis":
        return this.value(expression.inner);
      case "table":
        return this.#table(expression);
      case "function":
        return this.#writeFunction(expression.body);
    }
  }

  /** A boolean of the host: whether the value is neither nil nor false. */
  condition(expression: Expression): string {
    switch (expression.kind) {
      case "nil":
      case "false":
        return "false";
      case "true":
      case "number":
      case "string":
        return "true";
      case "and":
        return `(${this.condition(expression.left)}&&${this.condition(expression.right)})`;
      case "or":
        return `(${this.condition(expression.left)}||${this.condition(expression.right)})`;
      case "parenthesis":
        return this.condition(expression.inner);
      default:
        break;
    }
    if (staticType(expression) === "boolean") return this.value(expression);
    return this.#scoped(() => {
      const { setup, text } = this.#operand(expression);
      return `(${setup}${text}!==void 0&&${text}!==false)`;
    });
  }

  /** What a call returns, or the list of varargs: one value, or an array of several. */
  several(expression: Expression): string {
    return expression.kind === "varargs"
      ? "va"
      : this.call(expression as CallExpression | MethodExpression);
  }

  /** The items of an array or the arguments of a call; the last may give several. */
  list(expressions: readonly Expression[]): string {
    return expressions
      .map((each, at) => {
        const isOpen = at === expressions.length - 1 && isSeveral(each);
        if (!isOpen) return this.value(each);
        return each.kind === "varargs" ? "...va" : `...all(${this.several(each)})`;
      })
      .join(",");
  }

  /** An array of all values. */
  array(expressions: readonly Expression[]): string {
    if (expressions.length === 1 && isSeveral(expressions[0])) {
      return `all(${this.several(expressions[0])})`;
    }
    return `[${this.list(expressions)}]`;
  }

  /** Puts an expression's value where `setup` can be evaluated and `text` be named repeatedly. */
  #operand(expression: Expression): Operand {
    if (isRepeatable(expression)) return { setup: "", text: this.value(expression) };
    const text = this.value(expression);
    const name = this.current.temporary();
    return { setup: `${name}=${text},`, text: name };
  }

  /** Gives back the temporaries that `write` took: their values are dead when it has evaluated. */
  #scoped(write: () => string): string {
    const count = this.current.temporaryCount;
    const text = write();
    this.current.release(count);
    return text;
  }

  #single(several: string): string {
    return this.#scoped(() => {
      const name = this.current.temporary();
      return `((${name}=${several})instanceof A?first(${name}):${name})`;
    });
  }

  #global(name: string, line: number): string {
    const mark = this.#chunk.mark(line);
    return `${mark}field(${this.globals},${quote(name)}${this.#chunk.hint(mark)}`;
  }

  #index({ object, key, line }: IndexExpression): string {
    const mark = this.#chunk.mark(line, this.subjectOf(object));
    if (key.kind === "string") {
      return `${mark}field(${this.value(object)},${quote(key.value)}${this.#chunk.hint(mark)}`;
    }
    if (!this.isLate(object) || isRepeatable(key)) {
      return this.#pairCall(`${mark}index`, object, key);
    }
    return this.#scoped(() => {
      const { setup, text } = this.#operand(key);
      return `(${setup}${mark}index(${this.value(object)},${text}))`;
    });
  }

  /**
   * Whether it is a local variable that a call in between may change: Lua reads it only when it
   * runs the instruction that uses it.
   */
  isLate(expression: Expression): boolean {
    if (expression.kind !== "local") return false;
    const { owner, isCaptured } = expression.variable;
    return owner === this.current.body && isCaptured;
  }

  /** `name(a,b)`. */
  #pairCall(name: string, a: Expression, b: Expression): string {
    const first = this.value(a);
    return `${name}(${first},${this.value(b)})`;
  }

  /** What a message calls the value of an expression. */
  subjectOf(expression: Expression): Subject | undefined {
    switch (expression.kind) {
      case "global":
        return { kind: "global", name: expression.name };
      case "local": {
        const { name, owner } = expression.variable;
        return { kind: owner === this.current.body ? "local" : "upvalue", name };
      }
      case "index":
        return {
          kind: "field",
          name: expression.key.kind === "string" ? expression.key.value : "?",
        };
      case "parenthesis":
        return this.subjectOf(expression.inner);
      case "and":
      case "or": {
        // Lua drops a constant on the left that leaves no choice.
        const { kind, left, right } = expression;
        const isDropped = kind === "and" ? isAlwaysTrue(left) : isAlwaysFalse(left);
        return isDropped ? this.subjectOf(right) : undefined;
      }
      default:
        return undefined;
    }
  }

  call(expression: CallExpression | MethodExpression): string {
    const { callee, subject, self } = this.callee(expression);
    const mark = this.#chunk.mark(expression.line, subject);
    const args = this.list(expression.args);
    const list = self === "" || args === "" ? self + args : `${self},${args}`;
    if (isRaise(expression) && !this.#chunk.modes.coroutines) {
      return `${mark}raiseAt(${callee},C,${expression.line},[${list}])`;
    }
    if (!this.current.isGenerator) return `${callee}${mark}(${list})`;
    return this.#scoped(() => {
      const name = this.current.temporary();
      const called = `(${name}=${callee}${mark}(${list}))`;
      const run = `${name} instanceof Y?${mark}yield*${name}:${name}`;
      const result = `(${name}=${called}===W?yield yielded():${run})`;
      return `(${result}instanceof Q?${mark}yield*finish(${name}):${name})`;
    });
  }

  /**
   * What is called: text that gives a function, and the text of the object that is its first
   * argument. Its temporaries may be used again as soon as the object was evaluated.
   */
  callee(expression: CallExpression | MethodExpression): {
    readonly callee: string;
    readonly subject: Subject | undefined;
    readonly self: string;
  } {
    if (expression.kind === "call") {
      const subject = this.subjectOf(expression.callee);
      const text = this.#scoped(() => this.#function(this.#operand(expression.callee)));
      return { callee: this.#within(text), subject, self: "" };
    }
    const { object, name, line } = expression;
    const subject: Subject = { kind: "method", name };
    const mark = this.#chunk.mark(line, this.subjectOf(object));
    const count = this.current.temporaryCount;
    const { setup, text: self } = this.#operand(object);
    const method = this.current.temporary();
    const get = `${setup}${method}=${mark}field(${self},${quote(name)}${this.#chunk.hint(mark)},`;
    this.current.release(count);
    const text = this.#function({ setup: get, text: method });
    return { callee: this.#within(text), subject, self };
  }

  #function({ setup, text }: Operand): string {
    return `(${setup}typeof ${text}==="function"?${text}:callable(${text}))`;
  }

  /** The callee as the chunk's modes want it. */
  #within(callee: string): string {
    const { coroutines, environments } = this.#chunk.modes;
    const resumable = coroutines && this.current.isGenerator ? `resumable(${callee})` : callee;
    return environments ? `within(E,${resumable})` : resumable;
  }

  #logical({ kind, left, right }: LogicalExpression): string {
    const operator = kind === "and" ? "&&" : "||";
    if (staticType(left) === "boolean") {
      return `(${this.condition(left)}${operator}${this.value(right)})`;
    }
    return this.#scoped(() => {
      const { setup, text } = this.#operand(left);
      const other = this.value(right);
      return kind === "and"
        ? `(${setup}${text}===void 0||${text}===false?${text}:${other})`
        : `(${setup}${text}!==void 0&&${text}!==false?${text}:${other})`;
    });
  }

  #binary(expression: BinaryExpression): string {
    const { operator, left, right } = expression;
    switch (operator) {
      case "..": {
        const mark = this.#chunk.mark(expression.line, this.subjectOf(left), this.subjectOf(right));
        return this.#pairCall(`${mark}concatenate`, left, right);
      }
      case "==":
      case "~=":
      case "<":
      case "<=":
      case ">":
      case ">=":
        return this.#comparison(operator, expression);
      default:
        return this.#arithmetic(operator, expression);
    }
  }

  /** The two operands, to be evaluated in their order before either is used. */
  #operands(left: Expression, right: Expression): readonly [Operand, Operand] {
    let first = this.#operand(left);
    // Lua reads an upvalue when its turn comes, but a local variable when the operator runs.
    const isUpvalue = left.kind === "local" && left.variable.owner !== this.current.body;
    if (isUpvalue && !isRepeatable(right)) {
      const name = this.current.temporary();
      first = { setup: `${name}=${first.text},`, text: name };
    }
    return [first, this.#operand(right)];
  }

  #arithmetic(operator: ArithmeticOperator, expression: BinaryExpression): string {
    const folded = foldedValue(expression);
    if (folded !== undefined) return this.current.constant(folded);
    const { left, right, line } = expression;
    const mark = this.#chunk.mark(line, this.subjectOf(left), this.subjectOf(right));
    return this.#scoped(() => {
      const [a, b] = this.#operands(left, right);
      const slow = `${mark}${arithmeticNames[operator]}(${a.text},${b.text})`;
      if (operator === "^") return `(${a.setup}${b.setup}${slow})`;
      const fast =
        operator === "%"
          ? `${a.text}-floor(${a.text}/${b.text})*${b.text}`
          : `${a.text}${operator}${b.text}`;
      const test = numberTest(left, a.text, right, b.text);
      return test === ""
        ? `(${a.setup}${b.setup}${fast})`
        : `(${a.setup}${b.setup}${test}?${fast}:${slow})`;
    });
  }

  #comparison(operator: ComparisonOperator, { left, right, line }: BinaryExpression): string {
    const mark = this.#chunk.mark(line);
    return this.#scoped(() => {
      const [a, b] = this.#operands(left, right);
      const setup = a.setup + b.setup;
      if (operator === "==" || operator === "~=") {
        const not = operator === "==" ? "" : "!";
        const same = `${a.text}===${b.text}`;
        if (isComparedByIdentity(left) || isComparedByIdentity(right)) {
          return `(${setup}${not === "" ? same : `${a.text}!==${b.text}`})`;
        }
        const object = `typeof ${a.text}==="object"&&${mark}equals(${a.text},${b.text})`;
        return `(${setup}${not}(${same}||${object}))`;
      }
      const test = numberTest(left, a.text, right, b.text);
      const fast = `${a.text}${operator}${b.text}`;
      if (test === "") return `(${setup}${fast})`;
      const isSwapped = operator === ">" || operator === ">=";
      const name = operator === "<" || operator === ">" ? "lessThan" : "lessOrEqual";
      const args = isSwapped ? `${b.text},${a.text}` : `${a.text},${b.text}`;
      return `(${setup}${test}?${fast}:${mark}${name}(${args}))`;
    });
  }

  #unary(expression: UnaryExpression): string {
    const folded = foldedValue(expression);
    if (folded !== undefined) return this.current.constant(folded);
    const { operator, operand, line } = expression;
    if (operator === "not") return `!${this.condition(operand)}`;
    const mark = this.#chunk.mark(line, this.subjectOf(operand));
    if (operator === "#") return `${mark}lengthOf(${this.value(operand)})`;
    return this.#scoped(() => {
      const { setup, text } = this.#operand(operand);
      if (staticType(operand) === "number") return `(${setup}-${text})`;
      return `(${setup}typeof ${text}==="number"?-${text}:${mark}negate(${text}))`;
    });
  }

  #table({ items, line }: TableExpression): string {
    if (items.length === 0) return "new T()";
    if (items.every(({ key }) => key === undefined)) {
      return `T.fromItems([void 0,${this.list(items.map(({ value }) => value))}])`;
    }
    const names = items.map(({ key }) => (key?.kind === "string" ? key.value : undefined));
    const isRecord = names.every((name) => name !== undefined);
    if (isRecord && new Set(names).size === names.length) {
      const values = items.map(({ value }) => this.value(value)).join(",");
      return `T.fromFields([${names.map(quote).join(",")}],[${values}])`;
    }
    return this.#mixedTable(items, line);
  }

  /** Keyed items go in one by one; the positional ones follow, as in Lua. */
  #mixedTable(items: TableExpression["items"], line: number): string {
    return this.#scoped(() => {
      const table = this.current.temporary();
      const list = this.current.temporary();
      const parts = [`${table}=new T()`, `${list}=[void 0]`];
      const mark = this.#chunk.mark(line);
      for (const [at, { key, value }] of items.entries()) {
        if (key !== undefined) {
          const text = this.value(key);
          parts.push(`${mark}setRaw(${table},${text},${this.value(value)})`);
        } else if (at === items.length - 1 && isSeveral(value)) {
          parts.push(`${list}=[...${list},...all(${this.several(value)})]`);
        } else {
          parts.push(`${list}.push(${this.value(value)})`);
        }
      }
      return `(${parts.join(",")},fill(${table},${list}))`;
    });
  }
}

function isAlwaysTrue(expression: Expression): boolean {
  if (expression.kind === "parenthesis") return isAlwaysTrue(expression.inner);
  return (
    expression.kind === "true" ||
    expression.kind === "string" ||
    foldedValue(expression) !== undefined
  );
}

function isAlwaysFalse(expression: Expression): boolean {
  if (expression.kind === "parenthesis") return isAlwaysFalse(expression.inner);
  return expression.kind === "false" || expression.kind === "nil";
}

/** Whether evaluating it twice is as good as once. */
export function isRepeatable(expression: Expression): boolean {
  switch (expression.kind) {
    case "nil":
    case "true":
    case "false":
    case "number":
    case "local":
      return true;
    case "string":
      return expression.value.length < 20;
    case "parenthesis":
      return isRepeatable(expression.inner);
    default:
      return false;
  }
}

/** Whether the host's `===` is all that `==` means for it: only tables have metamethods. */
function isComparedByIdentity(expression: Expression): boolean {
  const type = staticType(expression);
  return type === "nil" || type === "boolean" || type === "number" || type === "string";
}

/** The condition for both operands to be numbers; "" if they are. */
function numberTest(left: Expression, a: string, right: Expression, b: string): string {
  const first = staticType(left) === "number" ? "" : `typeof ${a}==="number"`;
  if ((first !== "" && a === b) || staticType(right) === "number") return first;
  const second = `typeof ${b}==="number"`;
  return first === "" ? second : `${first}&&${second}`;
}

/** The operator that assigns to an element with such a key. */
export function setterOf({ kind }: Expression): string {
  return kind === "string" ? "setField" : "setIndex";
}
