import { command } from "../../engine/command.ts";
import { key, many, optional, string } from "../../engine/word.ts";
import { decodeScore } from "../../keyspace/geo-hash.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetScore } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";
import { replyPlace } from "./geo-argument.ts";

const place = { longitude: 0, latitude: 0 };

export const geopos = command({
  name: "GEOPOS",
  summary: "Replies with the longitudes and latitudes of places.",
  since: "3.2.0",
  group: "geo",
  complexity: "O(1) for each member.",
  flags: ["readonly"],
  words: [key("key", "RO access"), optional(many(string("member")))],
  optionsAt: 0,

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.zset);
    reply.array(args.count - 2);
    for (let index = 2; index < args.count; index++) {
      const score = ref === noRef ? NaN : zsetScore(db.keyspace, ref, args, index);
      if (Number.isNaN(score)) {
        reply.nilArray();
        continue;
      }
      decodeScore(score, place);
      replyPlace(reply, place);
    }
  },
});
