import { command } from "../../engine/command.ts";
import { key, many } from "../../engine/word.ts";
import { findString } from "../../keyspace/string.ts";

/** Fewer keys than this are found before they could be fetched ahead. */
const prefetchedMin = 4;

export const mget = command({
  name: "MGET",
  summary: "Replies with the strings that several keys hold.",
  since: "1.0.0",
  group: "string",
  complexity: "O(N) for N keys.",
  flags: ["readonly", "fast"],
  tips: ["request_policy:multi_shard"],
  words: [many(key("key", "RO access"))],

  run({ args, db, reply }) {
    const { value } = db.keyspace;
    if (args.count > prefetchedMin) db.keyspace.prefetch.keys(db, args, 1, 1);
    reply.array(args.count - 1);
    for (let index = 1; index < args.count; index++) {
      if (findString(db, args, index, value)) reply.bulk(value.bytes, value.offset, value.length);
      else reply.nil();
    }
  },
});
