import { command } from "../../engine/command.ts";
import { block, integer, key, oneOf, optional, string, token } from "../../engine/word.ts";
import { recordType } from "../../keyspace/record.ts";
import { storeNothing, storeRun } from "../../keyspace/zset-store.ts";
import { noRef } from "../../memory/arena.ts";
import { RangeRequest } from "./range-request.ts";

const request = new RangeRequest();

export const zrangestore = command({
  name: "ZRANGESTORE",
  summary: "Stores a range of one sorted set under another key.",
  since: "6.2.0",
  group: "sorted-set",
  complexity: "O(log(N)+M) for M members that are stored.",
  flags: ["write", "denyoom"],
  words: [
    key("dst", "OW update"),
    key("src", "RO access"),
    string("min"),
    string("max"),
    optional(oneOf("sortby", [token("byscore"), token("bylex")])),
    optional(token("rev")),
    optional(block("limit", [integer("offset"), integer("count")], { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run({ args, db, reply }) {
    request.parse(args, { boundsAt: 3, refusesScores: true });
    const ref = db.readOfType(args, 2, recordType.zset);
    if (ref === noRef) {
      storeNothing(db, args, 1);
      reply.integer(0);
      return;
    }
    request.find(db.keyspace, ref);
    const { run } = request;
    reply.integer(storeRun(db, args, 1, ref, run, request.isByRank ? run.count : 0));
  },
});
