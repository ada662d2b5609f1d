import { command } from "../../engine/command.ts";
import { key, many } from "../../engine/word.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { storeResult, uniteSets, visitResult } from "../../keyspace/set-algebra.ts";

export const sunion = command({
  name: "SUNION",
  summary: "Replies with the members that any of several sets has.",
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
      uniteSets,
      (count) => reply.set(count),
      (member) => reply.bulk(member.bytes, member.offset, member.length),
    );
  },
});

export const sunionstore = command({
  name: "SUNIONSTORE",
  summary: "Stores the members that any of several sets has under another key.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N) for N members in all sets together.",
  flags: ["write", "denyoom"],
  words: [key("destination", "OW update"), many(key("key", "RO access"))],

  run({ args, db, reply }) {
    reply.integer(storeResult(db, args, uniteSets, keyEvents.sunionstore));
  },
});
