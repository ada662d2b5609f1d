import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetCount } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";

export const zcard = command({
  name: "ZCARD",
  summary: "Counts the members of a sorted set.",
  since: "1.2.0",
  group: "sorted-set",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.zset);
    reply.integer(ref === noRef ? 0 : zsetCount(db.keyspace, ref));
  },
});
