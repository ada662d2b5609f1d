// A file of users: one line a user, `user NAME RULES...`, and nothing else but empty lines. It is
// taken as a whole or not at all; the errors name file and line as ACLLoadFromFile in Redis's
// src/acl.c does.
import type { RuleContext } from "./user-rules.ts";
import { applyRules, isUserName, joinSelectors, newUser } from "./user-rules.ts";
import { ruleError } from "./selector-rules.ts";
import type { User } from "./user.ts";

/** What a file says: users by name, or everything that is wrong with it, as one line. */
export type UserList = ReadonlyMap<string, User> | string;

const nothingChanged =
  "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

/** Reads the content (Latin-1) of a file of users; `file` is its name in errors. */
export function parseUserList(content: string, file: string, context: RuleContext): UserList {
  const users = new Map<string, User>();
  let errors = "";
  for (const [index, untrimmed] of content.split("\n").entries()) {
    const line = untrimmed.replace(/^[ \t\r]+|[ \t\r]+$/g, "");
    if (line !== "") errors += parseLine(line, users, `${file}:${index + 1}`, context);
  }
  return errors === "" ? users : errors + nothingChanged;
}

/** Adds the user that a line is about; what is wrong with the line, or nothing. */
function parseLine(
  line: string,
  users: Map<string, User>,
  place: string,
  context: RuleContext,
): string {
  const [keyword, name, ...words] = line.split(" ");
  if (keyword !== "user" || name === undefined) {
    return `${place} should start with user keyword followed by the username. `;
  }
  if (!isUserName(name)) return `'${place}: username '${name}' contains invalid characters. `;
  if (users.has(name)) {
    const number = place.slice(place.lastIndexOf(":") + 1);
    return `WARNING: Duplicate user '${name}' found on line ${number}. `;
  }
  const user = newUser(context, name);
  users.set(name, user);
  const rules = joinSelectors(words.map((word) => word.replace(/^[\t\r]+|[\t\r]+$/g, "")));
  if (typeof rules === "number") return `${place}: Unmatched parenthesis in selector definition.`;
  return applyAll(user, rules, place, context);
}

/**
 * Applies the rules one by one, the wrong ones left out. Commands that are not known are all told,
 * of the other errors, which may follow from each other, the first.
 */
function applyAll(
  user: User,
  rules: readonly string[],
  place: string,
  context: RuleContext,
): string {
  let errors = "";
  let isToldOnce = false;
  for (const rule of rules) {
    const wrong = applyRules(user, [rule], context);
    if (wrong === undefined) continue;
    if (wrong.error === ruleError.unknownCommand) {
      errors += `${place}: Error in applying operation '${rule}': ${wrong.error}. `;
    } else if (!isToldOnce) {
      errors += `${place}: ${wrong.error}. `;
      isToldOnce = true;
    }
  }
  return errors;
}
