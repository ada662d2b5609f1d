// The rules of ACL SETUSER that concern a selector: commands, key patterns, channels. The grammar,
// the errors and the way in which rules about commands replace each other are those of
// ACLSetSelector in Redis's src/acl.c. Rules are Latin-1 strings.
import { asciiBytes, latin1 } from "../../bytes/ascii.ts";
import { categoryNames } from "../acl-category.ts";
import type { RegisteredCommand } from "../registered-command.ts";
import { KeyPattern, permission } from "./key-pattern.ts";
import type { Selector } from "./selector.ts";

/** What is wrong with a rule, in Redis's words. */
export const ruleError = {
  unknownCommand: "Unknown command or category name in ACL",
  syntax: "Syntax error",
  patternAfterAllKeys:
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have " +
    "any effect. Try 'resetkeys' to start with an empty list of patterns",
  patternAfterAllChannels:
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not " +
    "have any effect. Try 'resetchannels' to start with an empty list of channels",
  noSuchPassword: "The password you are trying to remove from the user does not exist",
  invalidHash:
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal " +
    "characters",
  duplicateUser: "Duplicate user found. A user can only be defined once in config files",
  firstArgumentOfSubcommand: "Allowing first-arg of a subcommand is not supported",
} as const;

export type RuleError = (typeof ruleError)[keyof typeof ruleError];

/** The commands that rules speak of, under the names that they have from the start. */
export class CommandDirectory {
  readonly count: number;
  readonly #byName: ReadonlyMap<string, RegisteredCommand>;
  readonly #byCategory: ReadonlyMap<string, readonly RegisteredCommand[]>;

  constructor(registered: readonly RegisteredCommand[]) {
    this.count = registered.length;
    this.#byName = new Map(registered.map((each) => [each.fullName, each]));
    this.#byCategory = new Map(
      categoryNames.map((name) => [
        name,
        registered.filter(({ categories }) => categories.includes(name)),
      ]),
    );
  }

  /** By `get` or `config|get`, in any case. */
  find(name: string): RegisteredCommand | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /**
   * The members of a category, containers before their subcommands; undefined: none is so called.
   */
  ofCategory(name: string): readonly RegisteredCommand[] | undefined {
    return this.#byCategory.get(name.toLowerCase());
  }
}

/** Whether a name or a pattern could not be written into a rule that is read again. */
export function hasSpaces(text: string): boolean {
  return /[\0\t-\r ]/.test(text);
}

/** Changes the selector as the rule says; what is wrong with the rule, if it cannot. */
export function applySelectorRule(
  selector: Selector,
  rule: string,
  commands: CommandDirectory,
): RuleError | undefined {
  if (applyKeyword(selector, rule.toLowerCase())) return undefined;
  const sign = rule[0];
  if (sign === "~" || sign === "%") return addKeyPattern(selector, rule);
  if (sign === "&") return addChannel(selector, rule.slice(1));
  if (sign !== "+" && sign !== "-") return ruleError.syntax;
  if (rule[1] === "@") return applyCategory(selector, rule, commands);
  const separator = rule.lastIndexOf("|");
  if (sign === "-" || separator < 0) return applyCommand(selector, rule, commands);
  return allowPart(selector, rule.slice(1, separator), rule.slice(separator + 1), commands);
}

function applyKeyword(selector: Selector, rule: string): boolean {
  switch (rule) {
    case "allkeys":
    case "~*":
    case "resetkeys":
      selector.allKeys = rule !== "resetkeys";
      selector.keyPatterns = [];
      return true;
    case "allchannels":
    case "&*":
    case "resetchannels":
      selector.allChannels = rule !== "resetchannels";
      selector.channels = [];
      return true;
    case "allcommands":
    case "+@all":
      setAllCommands(selector, "+");
      return true;
    case "nocommands":
    case "-@all":
      setAllCommands(selector, "-");
      return true;
    default:
      return false;
  }
}

function setAllCommands(selector: Selector, sign: string): void {
  const isAllowed = sign === "+";
  selector.allowed.fill(isAllowed ? 0xffffffff : 0);
  selector.allCommands = isAllowed;
  selector.isInclusive = isAllowed;
  selector.commandRules = [];
  selector.firstArguments.clear();
}

const permissionLetters = new Map<string, number>([
  ["r", permission.read],
  ["w", permission.write],
]);

/** `~pattern`, `%R~pattern`, `%W~pattern` or `%RW~pattern`. */
function addKeyPattern(selector: Selector, rule: string): RuleError | undefined {
  if (selector.allKeys) return ruleError.patternAfterAllKeys;
  // Redis differs: it takes `%R` without `~` for a pattern, but not when it reads its own file.
  const [, letters, text] = /^%?([^~]*)~(.*)$/s.exec(rule) ?? [];
  if (letters === undefined || (rule[0] === "%") !== letters.length > 0) return ruleError.syntax;
  let permissions: number = rule[0] === "%" ? permission.none : permission.all;
  for (const letter of letters.toLowerCase()) {
    const added = permissionLetters.get(letter) ?? permission.none;
    if (added === permission.none || (permissions & added) !== 0) return ruleError.syntax;
    permissions |= added;
  }
  if (hasSpaces(text)) return ruleError.syntax;
  const known = selector.keyPatterns.findIndex((each) => each.text === text);
  if (known < 0) selector.keyPatterns.push(new KeyPattern(text, permissions));
  else {
    const { permissions: before } = selector.keyPatterns[known];
    selector.keyPatterns[known] = new KeyPattern(text, before | permissions);
  }
  return undefined;
}

function addChannel(selector: Selector, text: string): RuleError | undefined {
  if (selector.allChannels) return ruleError.patternAfterAllChannels;
  if (hasSpaces(text)) return ruleError.syntax;
  if (selector.channels.every((each) => each.text !== text)) {
    selector.channels.push({ text, bytes: asciiBytes(text) });
  }
  return undefined;
}

/** `+@category` and `-@category`. */
function applyCategory(
  selector: Selector,
  rule: string,
  commands: CommandDirectory,
): RuleError | undefined {
  const members = commands.ofCategory(rule.slice(2));
  if (members === undefined) return ruleError.unknownCommand;
  noteRule(selector, rule);
  for (const each of members) change(selector, each, rule[0]);
  return undefined;
}

/** `+command`, `-command`, `-command|subcommand`. */
function applyCommand(
  selector: Selector,
  rule: string,
  commands: CommandDirectory,
): RuleError | undefined {
  const command = commands.find(rule.slice(1));
  if (command === undefined) return ruleError.unknownCommand;
  change(selector, command, rule[0]);
  noteRule(selector, rule[0] + command.fullName);
  return undefined;
}

/** `+command|subcommand`; or a command without subcommands, with one first argument only. */
function allowPart(
  selector: Selector,
  name: string,
  part: string,
  commands: CommandDirectory,
): RuleError | undefined {
  const command = commands.find(name);
  if (command === undefined) return ruleError.unknownCommand;
  if (command.container !== undefined) return ruleError.firstArgumentOfSubcommand;
  if (part === "") return ruleError.syntax;
  if (command.subcommands.length > 0) {
    const subcommand = commands.find(`${name}|${part}`);
    if (subcommand === undefined) return ruleError.unknownCommand;
    change(selector, subcommand, "+");
  } else {
    // Redis differs: it takes such an argument, and cannot read the rule again that it lists.
    if (hasSpaces(part)) return ruleError.syntax;
    allowFirstArgument(selector, command.id, part.toLowerCase());
  }
  noteRule(selector, `+${name}|${part}`);
  return undefined;
}

function allowFirstArgument(selector: Selector, id: number, word: string): void {
  const words = selector.firstArguments.get(id) ?? [];
  const others = words.filter((each) => latin1(each, 0, each.length) !== word);
  selector.firstArguments.set(id, [...others, asciiBytes(word)]);
}

/** Allows or denies a command with all its subcommands. */
function change(selector: Selector, command: RegisteredCommand, sign: string): void {
  selector.firstArguments.delete(command.id);
  for (const each of [command, ...command.subcommands]) {
    if (sign === "+") selector.allowCommand(each.id);
    else selector.denyCommand(each.id);
  }
}

/** Adds a rule to those that are kept: it replaces those about the same, or about parts of it. */
function noteRule(selector: Selector, given: string): void {
  const rule = given.toLowerCase();
  const subject = rule.slice(1);
  const left = selector.commandRules.filter(
    (each) => each.slice(1) !== subject && !each.slice(1).startsWith(`${subject}|`),
  );
  selector.commandRules = [...left, rule];
}

/** The rules about commands: all or none of them, and what changes that. */
export function describeCommands(selector: Selector): string {
  return [selector.isInclusive ? "+@all" : "-@all", ...selector.commandRules].join(" ");
}

export function describeKeys(selector: Selector): string {
  if (selector.allKeys) return "~*";
  return selector.keyPatterns.map((each) => each.rule).join(" ");
}

export function describeChannels(selector: Selector): string {
  if (selector.allChannels) return "&*";
  return selector.channels.map((each) => `&${each.text}`).join(" ");
}

/** All rules of a selector: applied to a new one they give the same. */
export function describeSelector(selector: Selector): string {
  const channels = describeChannels(selector);
  return [
    describeKeys(selector),
    selector.allChannels ? channels : `resetchannels ${channels}`.trimEnd(),
    describeCommands(selector),
  ]
    .filter((part) => part !== "")
    .join(" ");
}
