import { command } from "../../engine/command.ts";

export const dbSize = command({
  name: "DBSIZE",
  summary: "Counts the keys of the selected database.",
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  categories: ["keyspace"],
  tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  words: [],

  run({ db, reply }) {
    reply.integer(db.size);
  },
});
