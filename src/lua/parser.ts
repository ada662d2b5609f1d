// Lua 5.1's statements by recursive descent into the syntax tree; expressions are read by
// expression-parser.ts. Errors are worded, and placed on the line, as Lua's own parser does.

import { ExpressionParser } from "./expression-parser.ts";
import { endToken, Lexer } from "./lexer.ts";
import { Scope } from "./scope.ts";
import { inferNumbers, isSeveral } from "./static-type.ts";
import type {
  Assignable,
  ConditionalBlock,
  Expression,
  FunctionBody,
  GenericFor,
  NumericFor,
  Statement,
  Variable,
} from "./syntax-tree.ts";

const assignmentTargetsMax = 200;

const blockEnds: ReadonlySet<string> = new Set(["else", "elseif", "end", "until", endToken]);

/** The function that the whole chunk is. Throws a LuaSyntaxError. */
export function parseChunk(source: string, chunkName: string): FunctionBody {
  return new Parser(source, chunkName).parseMain();
}

class Parser {
  readonly #lexer: Lexer;
  readonly #scope: Scope;
  readonly #expressions: ExpressionParser;

  constructor(source: string, chunkName: string) {
    const lexer = new Lexer(source, chunkName);
    this.#lexer = lexer;
    this.#scope = new Scope((message) => lexer.failPlainly(message));
    this.#expressions = new ExpressionParser(lexer, this.#scope, () => this.#chunk());
  }

  parseMain(): FunctionBody {
    const body = this.#scope.openFunction(0);
    body.isVararg = true;
    body.block = this.#chunk();
    this.#expressions.expectHere(endToken);
    inferNumbers(this.#scope.variables);
    return body;
  }

  #chunk(): Statement[] {
    const block: Statement[] = [];
    this.#expressions.enter();
    while (!blockEnds.has(this.#lexer.token)) {
      const statement = this.#statement();
      block.push(statement);
      this.#expressions.accept(";");
      if (statement.kind === "return" || statement.kind === "break") break;
    }
    this.#expressions.level--;
    return block;
  }

  #block(): Statement[] {
    const mark = this.#scope.openBlock();
    const block = this.#chunk();
    this.#scope.closeBlock(mark);
    return block;
  }

  #statement(): Statement {
    const { line } = this.#lexer;
    switch (this.#lexer.token) {
      case "if":
        return this.#if(line);
      case "while":
        return this.#while(line);
      case "do": {
        this.#lexer.next();
        const block = this.#block();
        this.#expressions.expectClosing("end", "do", line);
        return { kind: "do", block };
      }
      case "for":
        return this.#for(line);
      case "repeat":
        return this.#repeat(line);
      case "function":
        return this.#functionStatement(line);
      case "local":
        this.#lexer.next();
        return this.#expressions.accept("function") ? this.#localFunction() : this.#local();
      case "return":
        return this.#return();
      case "break":
        this.#lexer.next();
        if (!this.#scope.isInLoop) this.#lexer.fail("no loop to break");
        return { kind: "break" };
      default:
        return this.#expressionStatement();
    }
  }

  #if(line: number): Statement {
    const branches: ConditionalBlock[] = [];
    do {
      this.#lexer.next();
      const condition = this.#expressions.expression();
      this.#expressions.expect("then");
      branches.push({ condition, block: this.#block() });
    } while (this.#lexer.token === "elseif");
    const otherwise = this.#expressions.accept("else") ? this.#block() : undefined;
    this.#expressions.expectClosing("end", "if", line);
    return { kind: "if", branches, otherwise };
  }

  #while(line: number): Statement {
    this.#lexer.next();
    const condition = this.#expressions.expression();
    this.#expressions.expect("do");
    this.#scope.openLoop();
    const block = this.#block();
    this.#scope.closeLoop();
    this.#expressions.expectClosing("end", "while", line);
    return { kind: "while", condition, block };
  }

  #repeat(line: number): Statement {
    this.#lexer.next();
    this.#scope.openLoop();
    // The condition sees the variables of the block.
    const mark = this.#scope.openBlock();
    const block = this.#chunk();
    this.#expressions.expectClosing("until", "repeat", line);
    const condition = this.#expressions.expression();
    this.#scope.closeBlock(mark);
    this.#scope.closeLoop();
    return { kind: "repeat", block, condition };
  }

  #for(line: number): Statement {
    const mark = this.#scope.openBlock();
    this.#lexer.next();
    const name = this.#expressions.name();
    let statement: Statement;
    if (this.#lexer.token === "=") statement = this.#numericFor(name);
    else if (this.#lexer.token === "," || this.#lexer.token === "in") {
      statement = this.#genericFor(name);
    } else {
      this.#lexer.fail("'=' or 'in' expected");
    }
    this.#expressions.expectClosing("end", "for", line);
    this.#scope.closeBlock(mark);
    return statement;
  }

  /** Lua keeps a loop's state in variables without a name; they count towards the limit. */
  #declareHidden(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#scope.activate(this.#scope.declare("(for state)"));
    }
  }

  #numericFor(name: string): NumericFor {
    const hiddenCount = 3;
    const variable = this.#scope.declare(name, hiddenCount);
    this.#lexer.next();
    const start = this.#expressions.expression();
    this.#expressions.expect(",");
    const limit = this.#expressions.expression();
    const step = this.#expressions.accept(",") ? this.#expressions.expression() : undefined;
    this.#declareHidden(hiddenCount);
    const { line } = this.#lexer;
    variable.sources = [{ kind: "number", value: 0 }];
    const block = this.#loopBody([variable]);
    return { kind: "numericFor", variable, start, limit, step, block, line };
  }

  #genericFor(firstName: string): GenericFor {
    const hiddenCount = 3;
    const variables = [this.#scope.declare(firstName, hiddenCount)];
    while (this.#expressions.accept(",")) {
      variables.push(this.#scope.declare(this.#expressions.name(), hiddenCount + variables.length));
    }
    this.#expressions.expect("in");
    const { line } = this.#lexer;
    const values = this.#expressions.expressionList();
    this.#declareHidden(hiddenCount);
    this.#scope.body.hasCalls = true;
    return { kind: "genericFor", variables, values, block: this.#loopBody(variables), line };
  }

  #loopBody(variables: readonly Variable[]): Statement[] {
    this.#expressions.expect("do");
    this.#scope.openLoop();
    const mark = this.#scope.openBlock();
    for (const variable of variables) this.#scope.activate(variable);
    const block = this.#block();
    this.#scope.closeBlock(mark);
    this.#scope.closeLoop();
    return block;
  }

  #functionStatement(line: number): Statement {
    this.#lexer.next();
    let target: Assignable = this.#expressions.variable();
    let isMethod = false;
    while (!isMethod && (this.#lexer.token === "." || this.#lexer.token === ":")) {
      isMethod = this.#lexer.token === ":";
      target = this.#expressions.field(target);
    }
    const body = this.#expressions.functionBody(line, isMethod);
    const values: Expression[] = [{ kind: "function", body }];
    noteAssignments([target], values);
    return { kind: "assignment", targets: [target], values, line };
  }

  #localFunction(): Statement {
    const variable = this.#scope.declare(this.#expressions.name());
    this.#scope.activate(variable);
    const body = this.#expressions.functionBody(this.#lexer.line, false);
    return { kind: "localFunction", variable, body };
  }

  #local(): Statement {
    const variables: Variable[] = [];
    do {
      variables.push(this.#scope.declare(this.#expressions.name(), variables.length));
    } while (this.#expressions.accept(","));
    const values = this.#expressions.accept("=") ? this.#expressions.expressionList() : [];
    for (const [at, variable] of variables.entries()) {
      const source = sourceAt(values, at);
      variable.sources = source === undefined ? undefined : [source];
      this.#scope.activate(variable);
    }
    return { kind: "localDeclaration", variables, values };
  }

  #return(): Statement {
    this.#lexer.next();
    const isEmpty = blockEnds.has(this.#lexer.token) || this.#lexer.token === ";";
    return { kind: "return", values: isEmpty ? [] : this.#expressions.expressionList() };
  }

  #expressionStatement(): Statement {
    const first = this.#expressions.primary();
    if (first.kind === "call" || first.kind === "method") {
      return { kind: "callStatement", call: first };
    }
    const targets = [this.#assignable(first)];
    while (this.#expressions.accept(",")) {
      targets.push(this.#assignable(this.#expressions.primary()));
      if (targets.length > assignmentTargetsMax - this.#expressions.level) {
        const { line } = this.#scope.body;
        const subject = line === 0 ? "main function" : `function at line ${line}`;
        const limit = assignmentTargetsMax - this.#expressions.level;
        this.#lexer.failPlainly(`${subject} has more than ${limit} variables in assignment`);
      }
    }
    this.#expressions.expect("=");
    const values = this.#expressions.expressionList();
    noteAssignments(targets, values);
    return { kind: "assignment", targets, values, line: this.#lexer.lastLine };
  }

  #assignable(expression: Expression): Assignable {
    switch (expression.kind) {
      case "local":
      case "global":
      case "index":
        return expression;
      default:
        return this.#lexer.fail("syntax error");
    }
  }
}

/** The one expression that gives a target its value; undefined for a nil or one of several. */
function sourceAt(values: readonly Expression[], at: number): Expression | undefined {
  const isOpen = at === values.length - 1 && isSeveral(values[at]);
  return isOpen ? undefined : values[at];
}

function noteAssignments(targets: readonly Assignable[], values: readonly Expression[]): void {
  for (const [at, target] of targets.entries()) {
    if (target.kind !== "local") continue;
    const { variable } = target;
    const source = sourceAt(values, at);
    if (source === undefined) variable.sources = undefined;
    else variable.sources?.push(source);
  }
}
