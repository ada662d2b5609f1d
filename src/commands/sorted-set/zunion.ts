import { command } from "../../engine/command.ts";
import { integer, key, many, oneOf, optional, token } from "../../engine/word.ts";
import { uniteSources } from "../../keyspace/zset-combination.ts";
import { replyCombination, storeCombination } from "./combination-request.ts";

const complexity = "O(N+M*log(M)) for N members in all sets and M in the result.";

export const zunion = command({
  name: "ZUNION",
  summary: "Replies with the members that any of several sorted sets has.",
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
    replyCombination(context, uniteSources, { name: "zunion", hasWeights: true });
  },
});

export const zunionstore = command({
  name: "ZUNIONSTORE",
  summary: "Stores the members that any of several sorted sets has under another key.",
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
    storeCombination(context, uniteSources, "zunionstore");
  },
});
