import { command } from "../../engine/command.ts";
import { integer, key, many, oneOf, optional, token } from "../../engine/word.ts";
import { countIntersection, intersectSources } from "../../keyspace/zset-combination.ts";
import { parseCombination, replyCombination, storeCombination } from "./combination-request.ts";

const complexity = "O(N*K+M*log(M)) for N members of the smallest of K sets and M in the result.";

export const zinter = command({
  name: "ZINTER",
  summary: "Replies with the members that all of several sorted sets have.",
  since: "6.2.0",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  words: [
    integer("numkeys"),
    many(key("key", "RO access")),
    optional(many(integer("weight", { token: "WEIGHTS" }))),
    optional(
      oneOf("aggregate", [token("sum"), token("min"), token("max")], { token: "AGGREGATE" }),
    ),
    optional(token("withscores")),
  ],
  optionsAt: 0,

  run(context) {
    replyCombination(context, intersectSources, { name: "zinter", hasWeights: true });
  },
});

export const zinterstore = command({
  name: "ZINTERSTORE",
  summary: "Stores the members that all of several sorted sets have under another key.",
  since: "2.0.0",
  group: "sorted-set",
  complexity,
  flags: ["write", "denyoom"],
  words: [
    key("destination", "OW update"),
    integer("numkeys"),
    many(key("key", "RO access")),
    optional(many(integer("weight", { token: "WEIGHTS" }))),
    optional(
      oneOf("aggregate", [token("sum"), token("min"), token("max")], { token: "AGGREGATE" }),
    ),
  ],
  optionsAt: 0,

  run(context) {
    storeCombination(context, intersectSources, "zinterstore");
  },
});

export const zintercard = command({
  name: "ZINTERCARD",
  summary: "Counts the members that all of several sorted sets have, up to a limit.",
  since: "7.0.0",
  group: "sorted-set",
  complexity: "O(N*K) at most, for N members of the smallest of K sets.",
  flags: ["readonly"],
  words: [
    integer("numkeys"),
    many(key("key", "RO access")),
    optional(integer("limit", { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run(context) {
    const request = parseCombination(context, { name: "zintercard", at: 1, options: ["limit"] });
    context.reply.integer(countIntersection(request.sources, request.limit));
  },
});
