import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { hasMember, SetState } from "../../keyspace/set-members.ts";
import { isMember, readSet } from "../../keyspace/set.ts";

export const sismember = command({
  name: "SISMEMBER",
  summary: "Tells whether a set has a member.",
  since: "1.0.0",
  group: "set",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO"), string("member")],

  run({ args, db, reply }) {
    reply.integer(isMember(db, args, 1, 2) ? 1 : 0);
  },
});

const asked = new SetState();

export const smismember = command({
  name: "SMISMEMBER",
  summary: "Tells of each of several members whether a set has it.",
  since: "6.2.0",
  group: "set",
  complexity: "O(N) for N members.",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), many(string("member"))],

  run({ args, db, reply }) {
    const isThere = readSet(db, args, 1, asked);
    const { bytes, offsets, lengths } = args;
    reply.array(args.count - 2);
    for (let index = 2; index < args.count; index++) {
      const isFound =
        isThere && hasMember(db.keyspace, asked, bytes, offsets[index], lengths[index]);
      reply.integer(isFound ? 1 : 0);
    }
  },
});
