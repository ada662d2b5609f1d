import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { block, double, integer, key, oneOf, optional, string, token } from "../../engine/word.ts";
import { recordType } from "../../keyspace/record.ts";
import { cursorOf } from "../../keyspace/zset-cursor.ts";
import { noRef } from "../../memory/arena.ts";
import type { RangeSyntax } from "./range-request.ts";
import { RangeRequest } from "./range-request.ts";
import { replyRun } from "./score-reply.ts";

const request = new RangeRequest();

function replyRange({ args, db, reply }: Context, syntax: RangeSyntax): void {
  request.parse(args, syntax);
  const ref = db.readOfType(args, 1, recordType.zset);
  if (ref === noRef) {
    reply.array(0);
    return;
  }
  const { keyspace } = db;
  request.find(keyspace, ref);
  replyRun(reply, keyspace, ref, cursorOf(keyspace.arena), request.run, request);
}

const rangeSyntax: RangeSyntax = { boundsAt: 2 };
const reverseRankSyntax: RangeSyntax = { boundsAt: 2, kind: "rank", direction: "reverse" };
const scoreSyntax: RangeSyntax = { boundsAt: 2, kind: "score", direction: "forward" };
const reverseScoreSyntax: RangeSyntax = { boundsAt: 2, kind: "score", direction: "reverse" };
const memberSyntax: RangeSyntax = { boundsAt: 2, kind: "member", direction: "forward" };
const reverseMemberSyntax: RangeSyntax = { boundsAt: 2, kind: "member", direction: "reverse" };
const complexity = "O(log(N)+M) for M members that are replied.";

export const zrange = command({
  name: "ZRANGE",
  summary: "Replies with the members in a range of ranks, of scores, or between two members.",
  since: "1.2.0",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  history: [["6.2.0", "`REV`, `BYSCORE`, `BYLEX` and `LIMIT` came in."]],
  words: [
    key("key", "RO access"),
    string("start"),
    string("stop"),
    optional(oneOf("sortby", [token("byscore"), token("bylex")], { since: "6.2.0" })),
    optional(token("rev", { since: "6.2.0" })),
    optional(
      block("limit", [integer("offset"), integer("count")], { token: "LIMIT", since: "6.2.0" }),
    ),
    optional(token("withscores")),
  ],
  optionsAt: 0,

  run(context) {
    replyRange(context, rangeSyntax);
  },
});

export const zrevrange = command({
  name: "ZREVRANGE",
  summary: "Replies with the members in a range of ranks that count from the highest score.",
  since: "1.2.0",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `REV` argument" },
  words: [
    key("key", "RO access"),
    integer("start"),
    integer("stop"),
    optional(token("withscores")),
  ],
  optionsAt: 0,

  run(context) {
    replyRange(context, reverseRankSyntax);
  },
});

export const zrangebyscore = command({
  name: "ZRANGEBYSCORE",
  summary: "Replies with the members whose scores are in a range, from the lowest up.",
  since: "1.0.5",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  history: [["2.0.0", "`WITHSCORES` came in."]],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `BYSCORE` argument" },
  words: [
    key("key", "RO access"),
    double("min"),
    double("max"),
    optional(token("withscores", { since: "2.0.0" })),
    optional(block("limit", [integer("offset"), integer("count")], { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run(context) {
    replyRange(context, scoreSyntax);
  },
});

export const zrevrangebyscore = command({
  name: "ZREVRANGEBYSCORE",
  summary: "Replies with the members whose scores are in a range, from the highest down.",
  since: "2.2.0",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  history: [["2.1.6", "Bounds may be excluded."]],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `REV` and `BYSCORE` arguments" },
  words: [
    key("key", "RO access"),
    double("max"),
    double("min"),
    optional(token("withscores")),
    optional(block("limit", [integer("offset"), integer("count")], { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run(context) {
    replyRange(context, reverseScoreSyntax);
  },
});

export const zrangebylex = command({
  name: "ZRANGEBYLEX",
  summary: "Replies with the members between two members, in a set of equal scores.",
  since: "2.8.9",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `BYLEX` argument" },
  words: [
    key("key", "RO access"),
    string("min"),
    string("max"),
    optional(block("limit", [integer("offset"), integer("count")], { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run(context) {
    replyRange(context, memberSyntax);
  },
});

export const zrevrangebylex = command({
  name: "ZREVRANGEBYLEX",
  summary:
    "Replies with the members between two members, the last first, in a set of equal scores.",
  since: "2.8.9",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  deprecated: { since: "6.2.0", replacedBy: "`ZRANGE` with the `REV` and `BYLEX` arguments" },
  words: [
    key("key", "RO access"),
    string("max"),
    string("min"),
    optional(block("limit", [integer("offset"), integer("count")], { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run(context) {
    replyRange(context, reverseMemberSyntax);
  },
});
