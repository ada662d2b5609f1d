import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { countHash, deleteFields } from "../../keyspace/hash.ts";

export const hdel = command({
  name: "HDEL",
  summary: "Deletes fields of a hash. The key goes with its last field.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "fast"],
  history: [["2.4.0", "More than one field may be given."]],
  words: [key("key", "RW delete"), many(string("field"))],

  run({ args, db, reply }) {
    reply.integer(deleteFields(db, args, 1, 2));
  },
});

export const hlen = command({
  name: "HLEN",
  summary: "Tells how many fields a hash has.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    reply.integer(countHash(db, args, 1));
  },
});
