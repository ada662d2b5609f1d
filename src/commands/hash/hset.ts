import { command } from "../../engine/command.ts";
import { block, key, many, string } from "../../engine/word.ts";
import { setFieldIfAbsent, setFields } from "../../keyspace/hash.ts";

export const hset = command({
  name: "HSET",
  summary: "Sets fields of a hash, making the key when there is none; replies how many were new.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  history: [["4.0.0", "More than one field may be given."]],
  words: [key("key", "RW update"), many(block("data", [string("field"), string("value")]))],

  run({ args, db, reply, engine }) {
    if (args.count % 2 === 1) throw engine.wrongArity();
    reply.integer(setFields(db, args, 1, 2));
  },
});

export const hmset = command({
  name: "HMSET",
  summary: "Sets fields of a hash, making the key when there is none.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "denyoom", "fast"],
  deprecated: { since: "4.0.0", replacedBy: "`HSET` with multiple field-value pairs" },
  words: [key("key", "RW update"), many(block("data", [string("field"), string("value")]))],

  run({ args, db, reply, engine }) {
    if (args.count % 2 === 1) throw engine.wrongArity();
    setFields(db, args, 1, 2);
    reply.ok();
  },
});

export const hsetnx = command({
  name: "HSETNX",
  summary: "Sets a field of a hash unless it is there.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW insert"), string("field"), string("value")],

  run({ args, db, reply }) {
    reply.integer(setFieldIfAbsent(db, args, 1, 2) ? 1 : 0);
  },
});
