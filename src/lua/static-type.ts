// What the generator knows of values without running anything: which expressions give a number,
// whatever happens, and which local variables hold nothing else. Such operands need no test.

import type {
  BinaryExpression,
  CallExpression,
  Expression,
  MethodExpression,
  Variable,
} from "./syntax-tree.ts";

type StaticType = "nil" | "boolean" | "number" | "string" | "table" | "function" | "unknown";

/** Chains of variables that are longer than this, the wrong way round, are given up. */
const passesMax = 10;

/** Whether an expression may give any number of values. */
export function isSeveral({ kind }: Expression): boolean {
  return kind === "call" || kind === "method" || kind === "varargs";
}

/** What is known of the type of an expression's value. */
export function staticType(expression: Expression): StaticType {
  switch (expression.kind) {
    case "nil":
    case "number":
    case "string":
    case "table":
    case "function":
      return expression.kind;
    case "true":
    case "false":
      return "boolean";
    case "local":
      return expression.variable.isNumber ? "number" : "unknown";
    case "parenthesis":
      return staticType(expression.inner);
    case "unary":
      if (expression.operator === "not") return "boolean";
      return expression.operator === "-" && staticType(expression.operand) === "number"
        ? "number"
        : "unknown";
    case "binary":
      return binaryType(expression);
    default:
      return "unknown";
  }
}

function binaryType({ operator, left, right }: BinaryExpression): StaticType {
  switch (operator) {
    case "==":
    case "~=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return "boolean";
    case "..":
      return "unknown";
    default:
      return staticType(left) === "number" && staticType(right) === "number" ? "number" : "unknown";
  }
}

/**
 * Finds the variables that always hold a number: we take all for such, and drop those that get a
 * value which need not be one, until none is left to drop.
 */
export function inferNumbers(variables: readonly Variable[]): void {
  const candidates = variables.filter(({ sources }) => sources !== undefined);
  for (const variable of candidates) variable.isNumber = true;
  for (let pass = 0; pass < passesMax; pass++) {
    let isStable = true;
    for (const variable of candidates) {
      const isNumber = variable.sources?.every((each) => staticType(each) === "number") ?? false;
      if (variable.isNumber === isNumber) continue;
      variable.isNumber = false;
      isStable = false;
    }
    if (isStable) return;
  }
  for (const variable of candidates) variable.isNumber = false;
}

/** The number that Lua computes as it compiles; undefined where it leaves that for later. */
export function foldedValue(expression: Expression): number | undefined {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "parenthesis":
      return foldedValue(expression.inner);
    case "unary": {
      const value = expression.operator === "-" ? foldedValue(expression.operand) : undefined;
      return value === undefined ? undefined : -value;
    }
    case "binary": {
      const left = foldedValue(expression.left);
      const right = left === undefined ? undefined : foldedValue(expression.right);
      if (left === undefined || right === undefined) return undefined;
      const value = folded(expression.operator, left, right);
      return Number.isNaN(value) ? undefined : value;
    }
    default:
      return undefined;
  }
}

/** NaN for what Lua does not compute: divisions by zero, and operators that give no number. */
function folded(operator: BinaryExpression["operator"], left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0 ? Number.NaN : left / right;
    case "%":
      return right === 0 ? Number.NaN : left - Math.floor(left / right) * right;
    case "^":
      return left === 1 ? 1 : left ** right;
    default:
      return Number.NaN;
  }
}

/** Whether it calls what is most likely Lua's `error`, for which its place is at hand. */
export function isRaise(expression: CallExpression | MethodExpression): boolean {
  if (expression.kind !== "call") return false;
  const { callee } = expression;
  return callee.kind === "global" && callee.name === "error";
}
