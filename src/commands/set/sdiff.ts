import { command } from "../../engine/command.ts";
import { key, many } from "../../engine/word.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { storeResult, subtractSets, visitResult } from "../../keyspace/set-algebra.ts";

export const sdiff = command({
  name: "SDIFF",
  summary: "Replies with the members that the first set has and none of the others.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N) for N members in all sets together.",
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  words: [many(key("key", "RO access"))],

  run({ args, db, reply }) {
    visitResult(
      db,
      args,
      subtractSets,
      (count) => reply.set(count),
      (member) => reply.bulk(member.bytes, member.offset, member.length),
    );
  },
});

export const sdiffstore = command({
  name: "SDIFFSTORE",
  summary: "Stores the members that the first set has and none of the others under another key.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N) for N members in all sets together.",
  flags: ["write", "denyoom"],
  words: [key("destination", "OW update"), many(key("key", "RO access"))],

  run({ args, db, reply }) {
    reply.integer(storeResult(db, args, subtractSets, keyEvents.sdiffstore));
  },
});
