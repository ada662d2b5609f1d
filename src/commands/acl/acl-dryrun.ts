import { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import { many, optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { administration } from "./acl-shared.ts";

const requestIndex = 3;

export const aclDryRun = command({
  ...administration,
  name: "DRYRUN",
  summary: "Tells whether a user may run a request, which is not run.",
  since: "7.0.0",
  complexity: "O(1).",
  words: [string("username"), string("command"), optional(many(string("arg")))],

  run({ args, reply, engine }) {
    const user = engine.access.find(args.latin1(2));
    if (user === undefined) throw new Failure(`ERR User '${args.latin1(2)}' not found`);
    const request = new Slices();
    request.bytes = args.bytes;
    for (let index = requestIndex; index < args.count; index++) {
      request.push(args.offsets[index], args.lengths[index]);
    }
    const found = engine.find(request);
    if (found === undefined) {
      throw new Failure(`ERR Command '${args.latin1(requestIndex)}' not found`);
    }
    if (!found.acceptsCount(request.count)) throw found.wrongArity;
    const reason = engine.access.explain(user, found, request);
    if (reason === undefined) reply.ok();
    else reply.bulkLatin1(reason);
  },
});
