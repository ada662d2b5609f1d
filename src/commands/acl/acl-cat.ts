import { categoryNames } from "../../engine/acl-category.ts";
import { command } from "../../engine/command.ts";
import { optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { open, tooManyArguments } from "./acl-shared.ts";

const shownCharactersMax = 128;

export const aclCat = command({
  ...open,
  name: "CAT",
  summary: "Lists the categories of commands, or the commands of one.",
  since: "6.0.0",
  complexity: "O(1) since the categories and commands are a fixed set.",
  words: [optional(string("category"))],
  arity: -2,

  run({ args, reply, engine }) {
    if (args.count > 3) throw tooManyArguments(args.latin1(1));
    if (args.count === 2) {
      reply.array(categoryNames.length);
      for (const name of categoryNames) reply.bulkLatin1(name);
      return;
    }
    const name = args.latin1(2);
    const members = engine.access.commands.ofCategory(name);
    if (members === undefined) {
      throw new Failure(`ERR Unknown category '${name.slice(0, shownCharactersMax)}'`);
    }
    reply.array(members.length);
    for (const { fullName } of members) reply.bulkLatin1(fullName);
  },
});
