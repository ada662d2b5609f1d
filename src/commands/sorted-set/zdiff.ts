import { command } from "../../engine/command.ts";
import { integer, key, many, optional, token } from "../../engine/word.ts";
import { subtractSources } from "../../keyspace/zset-combination.ts";
import { replyCombination, storeCombination } from "./combination-request.ts";

const complexity =
  "O(L+N*log(N)) at most, for L members in all sets and N members of the first one.";

export const zdiff = command({
  name: "ZDIFF",
  summary: "Replies with the members of the first of several sorted sets that no other has.",
  since: "6.2.0",
  group: "sorted-set",
  complexity,
  flags: ["readonly"],
  words: [integer("numkeys"), many(key("key", "RO access")), optional(token("withscores"))],
  optionsAt: 0,

  run(context) {
    replyCombination(context, subtractSources, { name: "zdiff", hasWeights: false });
  },
});

export const zdiffstore = command({
  name: "ZDIFFSTORE",
  summary: "Stores the members of the first of several sorted sets that no other has.",
  since: "6.2.0",
  group: "sorted-set",
  complexity,
  flags: ["write", "denyoom"],
  words: [key("destination", "OW update"), integer("numkeys"), many(key("key", "RO access"))],
  optionsAt: 0,

  run(context) {
    storeCombination(context, subtractSources, "zdiffstore");
  },
});
