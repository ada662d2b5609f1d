import { command } from "../../engine/command.ts";
import { key, optional, string } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { decodeScore, distanceBetween } from "../../keyspace/geo-hash.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetScore } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";
import { replyDistance, unitArgument, unitWord } from "./geo-argument.ts";

const a = { longitude: 0, latitude: 0 };
const b = { longitude: 0, latitude: 0 };

export const geodist = command({
  name: "GEODIST",
  summary: "Tells how far two places are apart.",
  since: "3.2.0",
  group: "geo",
  complexity: "O(1)",
  flags: ["readonly"],
  words: [key("key", "RO access"), string("member1"), string("member2"), optional(unitWord)],
  optionsAt: 0,

  run({ args, db, reply }) {
    if (args.count > 5) throw syntaxError;
    const meters = args.count === 5 ? unitArgument(args, 4) : 1;
    const ref = db.readOfType(args, 1, recordType.zset);
    const scoreA = ref === noRef ? NaN : zsetScore(db.keyspace, ref, args, 2);
    const scoreB = ref === noRef ? NaN : zsetScore(db.keyspace, ref, args, 3);
    if (Number.isNaN(scoreA) || Number.isNaN(scoreB)) {
      reply.nil();
      return;
    }
    decodeScore(scoreA, a);
    decodeScore(scoreB, b);
    const distance = distanceBetween(a.longitude, a.latitude, b.longitude, b.latitude);
    replyDistance(reply, distance / meters);
  },
});
