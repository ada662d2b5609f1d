// The syntax tree that the parser makes and the code generator walks. Names are resolved already: a
// name is a variable of some function, or a global. Lines are those that Lua's own compiler would
// note for the instruction, since error messages show them.

/** A local variable or parameter. */
export interface Variable {
  readonly name: string;
  /** Unique in its chunk; the generated code knows the variable by this number alone. */
  readonly id: number;
  readonly owner: FunctionBody;
  isUsed: boolean;
  /** Whether a function inside its owner uses it. */
  isCaptured: boolean;
  /** All that it may ever be given, or undefined where that cannot be told. */
  sources: Expression[] | undefined;
  /** Whether its value is always a number. */
  isNumber: boolean;
}

export interface FunctionBody {
  readonly parent: FunctionBody | undefined;
  /** 0 for the chunk itself. */
  readonly line: number;
  readonly parameters: Variable[];
  isVararg: boolean;
  /** Whether `...` occurs in it, which does away with the old `arg` table. */
  usesVarargs: boolean;
  /** The implicit local `arg` of a vararg function. */
  argument: Variable | undefined;
  /** Whether it calls anything; if not it needs no check of the stack's depth. */
  hasCalls: boolean;
  variableCount: number;
  /** Variables of enclosing functions that it, or a function inside it, uses. */
  readonly upvalues: Set<Variable>;
  block: readonly Statement[];
}

export interface TableItem {
  /** Undefined for a positional item. */
  readonly key: Expression | undefined;
  readonly value: Expression;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^";
export type ComparisonOperator = "==" | "~=" | "<" | "<=" | ">" | ">=";
export type BinaryOperator = ArithmeticOperator | ComparisonOperator | "..";
export type UnaryOperator = "-" | "not" | "#";

export type Constant =
  | { readonly kind: "nil" | "true" | "false" }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string };

export interface LocalName {
  readonly kind: "local";
  readonly variable: Variable;
}
export interface GlobalName {
  readonly kind: "global";
  readonly name: string;
  readonly line: number;
}
export interface IndexExpression {
  readonly kind: "index";
  readonly object: Expression;
  readonly key: Expression;
  readonly line: number;
}
export interface CallExpression {
  readonly kind: "call";
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly line: number;
}
export interface MethodExpression {
  readonly kind: "method";
  readonly object: Expression;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly line: number;
}
export interface BinaryExpression {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly line: number;
}
export interface LogicalExpression {
  readonly kind: "and" | "or";
  readonly left: Expression;
  readonly right: Expression;
}
export interface UnaryExpression {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly line: number;
}
export interface TableExpression {
  readonly kind: "table";
  readonly items: readonly TableItem[];
  readonly line: number;
}
export interface FunctionExpression {
  readonly kind: "function";
  readonly body: FunctionBody;
}

export type Assignable = LocalName | GlobalName | IndexExpression;

export type Expression =
  | Constant
  | Assignable
  | CallExpression
  | MethodExpression
  | BinaryExpression
  | LogicalExpression
  | UnaryExpression
  | TableExpression
  | FunctionExpression
  | { readonly kind: "varargs" }
  /** Parentheses, which cut several values down to one. */
  | { readonly kind: "parenthesis"; readonly inner: Expression };

export interface ConditionalBlock {
  readonly condition: Expression;
  readonly block: readonly Statement[];
}

export type Statement =
  | {
      readonly kind: "localDeclaration";
      readonly variables: readonly Variable[];
      readonly values: readonly Expression[];
    }
  | {
      readonly kind: "assignment";
      readonly targets: readonly Assignable[];
      readonly values: readonly Expression[];
      readonly line: number;
    }
  | { readonly kind: "localFunction"; readonly variable: Variable; readonly body: FunctionBody }
  | { readonly kind: "callStatement"; readonly call: CallExpression | MethodExpression }
  | { readonly kind: "do"; readonly block: readonly Statement[] }
  | {
      readonly kind: "while";
      readonly condition: Expression;
      readonly block: readonly Statement[];
    }
  | {
      readonly kind: "repeat";
      readonly block: readonly Statement[];
      readonly condition: Expression;
    }
  | {
      readonly kind: "if";
      readonly branches: readonly ConditionalBlock[];
      readonly otherwise: readonly Statement[] | undefined;
    }
  | NumericFor
  | GenericFor
  | { readonly kind: "return"; readonly values: readonly Expression[] }
  | { readonly kind: "break" };

export interface NumericFor {
  readonly kind: "numericFor";
  readonly variable: Variable;
  readonly start: Expression;
  readonly limit: Expression;
  readonly step: Expression | undefined;
  readonly block: readonly Statement[];
  readonly line: number;
}

export interface GenericFor {
  readonly kind: "genericFor";
  readonly variables: readonly Variable[];
  readonly values: readonly Expression[];
  readonly block: readonly Statement[];
  readonly line: number;
}
