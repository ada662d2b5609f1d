// The line `user NAME RULES...` of a configuration file. It is read before there is a server, so
// rules are tried on a user that knows no commands: what is wrong whatever the commands are is told
// with its line, the rest when the users are made.
import { CommandDirectory, ruleError } from "../../engine/access/selector-rules.ts";
import type { RuleContext } from "../../engine/access/user-rules.ts";
import { applyRules, joinSelectors, newUser } from "../../engine/access/user-rules.ts";
import type { Config } from "./config.ts";
import { fromByteString, toByteString } from "./text.ts";

/** Adds the user to those of the configuration, or answers with the reason why it cannot. */
export function loadUser({ users, values }: Config, args: readonly string[]): string | undefined {
  const [name = "", ...words] = args;
  if (users.some(([known]) => known === name)) return userError(name, ruleError.duplicateUser);
  const rules = joinSelectors(words);
  if (typeof rules === "number") return userError(words[rules], "Unmatched parenthesis");
  const context: RuleContext = {
    commands: new CommandDirectory([]),
    // Nobody logs in as this user: what stands for a password only has to be the same each time.
    hash: (secret) => Buffer.from(secret).toString("hex"),
    allowsChannelsAtFirst: values.aclPubsubDefault === "allchannels",
  };
  const user = newUser(context, toByteString(name));
  for (const rule of rules) {
    const wrong = applyRules(user, [toByteString(rule)], context);
    if (wrong === undefined || wrong.error === ruleError.unknownCommand) continue;
    return userError(fromByteString(wrong.rule), wrong.error);
  }
  users.push([name, ...rules]);
  return undefined;
}

function userError(word: string, reason: string): string {
  return `Error in user declaration '${word}': ${reason}`;
}
