// The rules of ACL SETUSER that concern a user as a whole, and the reverse: a user as the rules
// that make it. Those that a selector takes go to the root selector. Rules are Latin-1 strings.
import { asciiBytes } from "../../bytes/ascii.ts";
import { Selector } from "./selector.ts";
import type { CommandDirectory, RuleError } from "./selector-rules.ts";
import { applySelectorRule, describeSelector, hasSpaces, ruleError } from "./selector-rules.ts";
import { User } from "./user.ts";

/** What rules need to know of the server. */
export interface RuleContext {
  readonly commands: CommandDirectory;
  /** SHA-256 in lower-case hexadecimal. */
  hash(secret: Uint8Array): string;
  /** `acl-pubsub-default`: whether new selectors allow all channels. */
  readonly allowsChannelsAtFirst: boolean;
}

export function newSelector(context: RuleContext, kind: "root" | "further"): Selector {
  const selector = new Selector(context.commands.count, kind === "root");
  selector.allChannels = context.allowsChannelsAtFirst;
  return selector;
}

/** A user that cannot log in yet, and may do nothing. */
export function newUser(context: RuleContext, name: string): User {
  return new User(name, newSelector(context, "root"));
}

/** The user that everybody is who has not logged in: it may do everything, without a password. */
export function newDefaultUser(context: RuleContext): User {
  const user = newUser(context, "default");
  applyRules(user, ["+@all", "~*", "&*", "on", "nopass"], context);
  return user;
}

/** Changes the user as the rules say, up to the first that is wrong: which, and what is wrong. */
export function applyRules(
  user: User,
  rules: readonly string[],
  context: RuleContext,
): { readonly rule: string; readonly index: number; readonly error: RuleError } | undefined {
  for (const [index, rule] of rules.entries()) {
    const error = applyRule(user, rule, context);
    if (error !== undefined) return { rule, index, error };
  }
  for (const each of user.selectors) each.allCommands = each.allowed.every(isFull);
  user.isRestricted = !user.selectors.some((each) => each.isUnlimited);
  return undefined;
}

/** Of a word of the bitmap. Only `+@all` sets the bits that are beyond the last command. */
function isFull(word: number): boolean {
  return word === 0xffffffff;
}

function applyRule(user: User, rule: string, context: RuleContext): RuleError | undefined {
  if (rule === "" || applyFlag(user, rule.toLowerCase(), context)) return undefined;
  const sign = rule[0];
  if (sign === ">" || sign === "#") return addPassword(user, rule, context);
  if (sign === "<" || sign === "!") return removePassword(user, rule, context);
  if (sign === "(" && rule.endsWith(")")) return addSelector(user, rule.slice(1, -1), context);
  return applySelectorRule(user.selectors[0], rule, context.commands);
}

function applyFlag(user: User, rule: string, context: RuleContext): boolean {
  switch (rule) {
    case "on":
    case "off":
      user.isOn = rule === "on";
      return true;
    case "skip-sanitize-payload":
    case "sanitize-payload":
      user.skipsPayloadCheck = rule === "skip-sanitize-payload";
      return true;
    case "nopass":
    case "resetpass":
      user.needsNoPassword = rule === "nopass";
      user.passwords = [];
      return true;
    case "clearselectors":
      user.selectors = [user.selectors[0]];
      return true;
    case "reset":
      user.assign(newUser(context, user.name));
      return true;
    default:
      return false;
  }
}

/** The hash that a rule gives, or that of the password that it gives. */
function hashOf(rule: string, context: RuleContext): string | undefined {
  const secret = rule.slice(1);
  if (rule[0] === ">" || rule[0] === "<") return context.hash(asciiBytes(secret));
  return /^[0-9a-f]{64}$/.test(secret) ? secret : undefined;
}

function addPassword(user: User, rule: string, context: RuleContext): RuleError | undefined {
  const hash = hashOf(rule, context);
  if (hash === undefined) return ruleError.invalidHash;
  if (!user.passwords.includes(hash)) user.passwords.push(hash);
  user.needsNoPassword = false;
  return undefined;
}

function removePassword(user: User, rule: string, context: RuleContext): RuleError | undefined {
  const hash = hashOf(rule, context);
  if (hash === undefined) return ruleError.invalidHash;
  const index = user.passwords.indexOf(hash);
  if (index < 0) return ruleError.noSuchPassword;
  user.passwords.splice(index, 1);
  return undefined;
}

function addSelector(user: User, rules: string, context: RuleContext): RuleError | undefined {
  const selector = newSelector(context, "further");
  for (const rule of rules.split(/[\0\t-\r ]+/)) {
    if (rule === "") continue;
    const error = applySelectorRule(selector, rule, context.commands);
    if (error !== undefined) return error;
  }
  user.selectors = [...user.selectors, selector];
  return undefined;
}

/**
 * Joins the words of a selector in parentheses, which may come as several arguments. A number
 * instead: the index of the one whose parenthesis is never closed.
 */
export function joinSelectors(words: readonly string[]): string[] | number {
  const joined: string[] = [];
  let openIndex = -1;
  let open = "";
  for (const [index, word] of words.entries()) {
    if (openIndex >= 0) {
      open += ` ${word}`;
      if (!word.endsWith(")")) continue;
      joined.push(open);
      openIndex = -1;
    } else if (word.startsWith("(") && !word.endsWith(")")) {
      openIndex = index;
      open = word;
    } else {
      joined.push(word);
    }
  }
  return openIndex >= 0 ? openIndex : joined;
}

/** Whether a user can have the name. */
export function isUserName(name: string): boolean {
  return !hasSpaces(name);
}

/** Words that ACL GETUSER shows as flags. */
export function flagsOf(user: User): string[] {
  return [
    user.isOn ? "on" : "off",
    ...(user.needsNoPassword ? ["nopass"] : []),
    user.skipsPayloadCheck ? "skip-sanitize-payload" : "sanitize-payload",
  ];
}

/** All rules of a user: applied to a new one they give the same. */
export function describeUser(user: User): string {
  const [root, ...others] = user.selectors;
  return [
    ...flagsOf(user),
    ...user.passwords.map((hash) => `#${hash}`),
    describeSelector(root),
    ...others.map((each) => `(${describeSelector(each)})`),
  ].join(" ");
}

/** A line of a configuration file or of a file of users. */
export function userLine(user: User): string {
  return `user ${user.name} ${describeUser(user)}`;
}
