// ACL SETUSER, GETUSER, DELUSER, LIST, USERS and WHOAMI.
import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import {
  describeChannels,
  describeCommands,
  describeKeys,
} from "../../engine/access/selector-rules.ts";
import type { Selector } from "../../engine/access/selector.ts";
import { flagsOf, isUserName } from "../../engine/access/user-rules.ts";
import { many, optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { administration, open } from "./acl-shared.ts";

const invalidName = new Failure("ERR Usernames can't contain spaces or null characters");
const keepsDefault = new Failure("ERR The 'default' user cannot be removed");

/** Who is told of a user learns how others may be attacked: names are as secret as rules. */
function allSecret(args: Slices): number[] {
  return Array.from({ length: args.count - 2 }, (_, index) => index + 2);
}

function textsFrom(args: Slices, start: number): string[] {
  const texts: string[] = [];
  for (let index = start; index < args.count; index++) texts.push(args.latin1(index));
  return texts;
}

export const aclSetUser = command({
  ...administration,
  name: "SETUSER",
  summary: "Makes a user, or changes what it may do, by rules: by all of them, or by none.",
  since: "6.0.0",
  complexity: "O(N). Where N is the number of rules provided.",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  history: [
    ["6.2.0", "Patterns of channels."],
    ["7.0.0", "Selectors, and keys that may only be read or only be written."],
  ],
  words: [string("username"), optional(many(string("rule")))],
  secretArguments: allSecret,

  run({ args, reply, engine }) {
    const name = args.latin1(2);
    if (!isUserName(name)) throw invalidName;
    const reason = engine.access.setUser(name, textsFrom(args, 3));
    if (reason !== undefined) throw new Failure(`ERR ${reason}`);
    reply.ok();
  },
});

export const aclDelUser = command({
  ...administration,
  name: "DELUSER",
  summary: "Deletes users and disconnects who is logged in as one of them.",
  since: "6.0.0",
  complexity: "O(1) amortized time considering the typical user.",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [many(string("username"))],
  secretArguments: allSecret,

  run({ args, reply, engine }) {
    const names = textsFrom(args, 2);
    if (names.includes("default")) throw keepsDefault;
    reply.integer(names.filter((name) => engine.access.deleteUser(name)).length);
  },
});

export const aclGetUser = command({
  ...administration,
  name: "GETUSER",
  summary: "Replies with what a user may do, and the hashes of its passwords.",
  since: "6.0.0",
  complexity:
    "O(N). Where N is the number of password, command and pattern rules that the user has.",
  history: [
    ["6.2.0", "Patterns of channels."],
    ["7.0.0", "Selectors; patterns of keys and channels are shown as rules."],
  ],
  words: [string("username")],
  secretArguments: allSecret,

  run({ args, reply, engine }) {
    const user = engine.access.find(args.latin1(2));
    if (user === undefined) {
      reply.nil();
      return;
    }
    const [root, ...others] = user.selectors;
    reply.map(6);
    reply.bulkLatin1("flags");
    const flags = flagsOf(user);
    reply.set(flags.length);
    for (const flag of flags) reply.bulkLatin1(flag);
    reply.bulkLatin1("passwords");
    reply.array(user.passwords.length);
    for (const hash of user.passwords) reply.bulkLatin1(hash);
    replySelector(reply, root);
    reply.bulkLatin1("selectors");
    reply.array(others.length);
    for (const each of others) {
      reply.map(3);
      replySelector(reply, each);
    }
  },
});

/** Three pairs. */
function replySelector(reply: ReplyWriter, selector: Selector): void {
  reply.bulkLatin1("commands");
  reply.bulkLatin1(describeCommands(selector));
  reply.bulkLatin1("keys");
  reply.bulkLatin1(describeKeys(selector));
  reply.bulkLatin1("channels");
  reply.bulkLatin1(describeChannels(selector));
}

export const aclList = command({
  ...administration,
  name: "LIST",
  summary: "Lists all users with their rules, as lines of a configuration file.",
  since: "6.0.0",
  complexity: "O(N). Where N is the number of configured users.",
  words: [],

  run({ reply, engine }) {
    const { lines } = engine.access;
    reply.array(lines.length);
    for (const line of lines) reply.bulkLatin1(line);
  },
});

export const aclUsers = command({
  ...administration,
  name: "USERS",
  summary: "Lists the names of all users.",
  since: "6.0.0",
  complexity: "O(N). Where N is the number of configured users.",
  words: [],

  run({ reply, engine }) {
    const { users } = engine.access;
    reply.array(users.length);
    for (const { name } of users) reply.bulkLatin1(name);
  },
});

export const aclWhoAmI = command({
  ...open,
  name: "WHOAMI",
  summary: "Replies with the name of the user that the connection is logged in as.",
  since: "6.0.0",
  complexity: "O(1)",
  words: [],

  run({ reply, session }) {
    reply.bulkLatin1(session.userName);
  },
});
