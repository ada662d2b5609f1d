// Expressions of Lua's grammar, by priority of operators, and what statements share with them:
// expecting tokens, counting levels, the bodies of functions. Errors are worded, and placed on the
// line, as Lua's own parser does.

import { nameToken, numberToken, shownToken, stringToken } from "./lexer.ts";
import type { Lexer } from "./lexer.ts";
import type { Scope } from "./scope.ts";
import type {
  Assignable,
  BinaryOperator,
  Expression,
  FunctionBody,
  Statement,
  TableItem,
  UnaryOperator,
} from "./syntax-tree.ts";

/** How deep blocks and expressions may nest. */
const levelsMax = 200;

/** How tightly each operator binds what stands left and right of it. */
const priorities: Readonly<Record<string, readonly [left: number, right: number]>> = {
  or: [1, 1],
  and: [2, 2],
  "<": [3, 3],
  ">": [3, 3],
  "<=": [3, 3],
  ">=": [3, 3],
  "~=": [3, 3],
  "==": [3, 3],
  "..": [5, 4],
  "+": [6, 6],
  "-": [6, 6],
  "*": [7, 7],
  "/": [7, 7],
  "%": [7, 7],
  "^": [10, 9],
};
const unaryPriority = 8;

export class ExpressionParser {
  readonly #lexer: Lexer;
  readonly #scope: Scope;
  readonly #parseBlock: () => Statement[];
  /** How many blocks and expressions are open. */
  level = 0;

  /** `parseBlock` reads the statements of a function's body. */
  constructor(lexer: Lexer, scope: Scope, parseBlock: () => Statement[]) {
    this.#lexer = lexer;
    this.#scope = scope;
    this.#parseBlock = parseBlock;
  }

  /** Opens a level; whoever does closes it by counting `level` down. */
  enter(): void {
    if (++this.level > levelsMax) this.#lexer.failPlainly("chunk has too many syntax levels");
  }

  /** Whether the current token is this one, which is then passed. */
  accept(token: string): boolean {
    if (this.#lexer.token !== token) return false;
    this.#lexer.next();
    return true;
  }

  expectHere(token: string): void {
    if (this.#lexer.token !== token) this.#lexer.fail(`'${shownToken(token)}' expected`);
  }

  expect(token: string): void {
    this.expectHere(token);
    this.#lexer.next();
  }

  /** Expects the token that closes what `opener` opened at `line`. */
  expectClosing(token: string, opener: string, line: number): void {
    if (this.accept(token)) return;
    if (line === this.#lexer.line) this.expectHere(token);
    this.#lexer.fail(`'${token}' expected (to close '${opener}' at line ${line})`);
  }

  name(): string {
    this.expectHere(nameToken);
    const name = this.#lexer.text;
    this.#lexer.next();
    return name;
  }

  /** Reads from the parameters to `end`. */
  functionBody(line: number, isMethod: boolean): FunctionBody {
    const body = this.#scope.openFunction(line);
    this.expect("(");
    if (isMethod) this.#parameter(body, "self");
    if (this.#lexer.token !== ")") this.#parameters(body);
    this.expect(")");
    body.block = this.#parseBlock();
    this.expectClosing("end", "function", line);
    this.#scope.closeFunction();
    return body;
  }

  #parameter(body: FunctionBody, name: string): void {
    const variable = this.#scope.declare(name);
    this.#scope.activate(variable);
    body.parameters.push(variable);
  }

  #parameters(body: FunctionBody): void {
    do {
      if (this.#lexer.token === nameToken) {
        this.#parameter(body, this.name());
      } else if (this.accept("...")) {
        body.isVararg = true;
        body.argument = this.#scope.declare("arg");
        this.#scope.activate(body.argument);
      } else {
        this.#lexer.fail("<name> or '...' expected");
      }
    } while (!body.isVararg && this.accept(","));
  }

  expressionList(): Expression[] {
    const list = [this.expression()];
    while (this.accept(",")) list.push(this.expression());
    return list;
  }

  expression(): Expression {
    return this.#operation(0);
  }

  /** Reads operators that bind more tightly than `limit`. */
  #operation(limit: number): Expression {
    this.enter();
    let left = this.#unary();
    for (;;) {
      const operator = this.#lexer.token;
      const priority = Object.hasOwn(priorities, operator) ? priorities[operator] : undefined;
      if (priority === undefined || priority[0] <= limit) break;
      this.#lexer.next();
      const right = this.#operation(priority[1]);
      if (operator === "and" || operator === "or") {
        left = { kind: operator, left, right };
      } else {
        const line = this.#lexer.lastLine;
        left = { kind: "binary", operator: operator as BinaryOperator, left, right, line };
      }
    }
    this.level--;
    return left;
  }

  #unary(): Expression {
    const { token } = this.#lexer;
    if (token !== "not" && token !== "-" && token !== "#") return this.#simple();
    this.#lexer.next();
    const operand = this.#operation(unaryPriority);
    const operator: UnaryOperator = token;
    return { kind: "unary", operator, operand, line: this.#lexer.lastLine };
  }

  #simple(): Expression {
    switch (this.#lexer.token) {
      case numberToken: {
        const value = this.#lexer.number;
        this.#lexer.next();
        return { kind: "number", value };
      }
      case stringToken:
        return this.#string();
      case "nil":
      case "true":
      case "false": {
        const kind = this.#lexer.token;
        this.#lexer.next();
        return { kind };
      }
      case "...":
        if (!this.#scope.body.isVararg) {
          this.#lexer.fail("cannot use '...' outside a vararg function");
        }
        this.#scope.body.usesVarargs = true;
        this.#lexer.next();
        return { kind: "varargs" };
      case "{":
        return this.#table();
      case "function":
        this.#lexer.next();
        return { kind: "function", body: this.functionBody(this.#lexer.line, false) };
      default:
        return this.primary();
    }
  }

  #string(): Expression {
    const value = this.#lexer.text;
    this.#lexer.next();
    return { kind: "string", value };
  }

  #table(): Expression {
    const { line } = this.#lexer;
    const items: TableItem[] = [];
    this.expect("{");
    while (this.#lexer.token !== "}") {
      items.push(this.#tableItem());
      if (!this.accept(",") && !this.accept(";")) break;
    }
    this.expectClosing("}", "{", line);
    return { kind: "table", items, line: this.#lexer.lastLine };
  }

  #tableItem(): TableItem {
    const { token } = this.#lexer;
    let key: Expression | undefined;
    if (token === "[") {
      this.#lexer.next();
      key = this.expression();
      this.expect("]");
      this.expect("=");
    } else if (token === nameToken && this.#lexer.peek() === "=") {
      key = { kind: "string", value: this.name() };
      this.#lexer.next();
    }
    return { key, value: this.expression() };
  }

  /** Reads a name. */
  variable(): Assignable {
    const name = this.name();
    const variable = this.#scope.resolve(name);
    if (variable !== undefined) return { kind: "local", variable };
    return { kind: "global", name, line: this.#lexer.lastLine };
  }

  /** Reads `.name` or `:name`. */
  field(object: Expression): Assignable {
    this.#lexer.next();
    const key: Expression = { kind: "string", value: this.name() };
    return { kind: "index", object, key, line: this.#lexer.lastLine };
  }

  primary(): Expression {
    let expression = this.#prefix();
    for (;;) {
      switch (this.#lexer.token) {
        case ".":
          expression = this.field(expression);
          break;
        case "[": {
          this.#lexer.next();
          const key = this.expression();
          this.expect("]");
          expression = { kind: "index", object: expression, key, line: this.#lexer.lastLine };
          break;
        }
        case ":": {
          this.#lexer.next();
          const name = this.name();
          const { line } = this.#lexer;
          const args = this.#arguments();
          expression = { kind: "method", object: expression, name, args, line };
          break;
        }
        case "(":
        case "{":
        case stringToken: {
          const { line } = this.#lexer;
          expression = { kind: "call", callee: expression, args: this.#arguments(), line };
          break;
        }
        default:
          return expression;
      }
    }
  }

  #prefix(): Expression {
    if (this.#lexer.token === nameToken) return this.variable();
    if (this.#lexer.token !== "(") this.#lexer.fail("unexpected symbol");
    const { line } = this.#lexer;
    this.#lexer.next();
    const inner = this.expression();
    this.expectClosing(")", "(", line);
    return { kind: "parenthesis", inner };
  }

  #arguments(): Expression[] {
    const { line, lastLine, token } = this.#lexer;
    this.#scope.body.hasCalls = true;
    if (token === stringToken) return [this.#string()];
    if (token === "{") return [this.#table()];
    if (token !== "(") this.#lexer.fail("function arguments expected");
    if (line !== lastLine) {
      this.#lexer.fail("ambiguous syntax (function call x new statement)");
    }
    this.#lexer.next();
    const args = this.#lexer.token === ")" ? [] : this.expressionList();
    this.expectClosing(")", "(", line);
    return args;
  }
}
