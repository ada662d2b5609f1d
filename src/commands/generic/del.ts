import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { key, many } from "../../engine/word.ts";
import { deleteKey } from "../../keyspace/keys.ts";

export const del = command({
  name: "DEL",
  summary: "Deletes keys and replies with how many there were.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(N) for N keys; a large collection costs its number of elements.",
  flags: ["write"],
  costShows: true,
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  words: [many(key("key", "RM delete"))],
  run: deleteAll,
});

export const unlink = command({
  name: "UNLINK",
  summary: "Deletes keys like DEL; the memory of large ones comes back later.",
  since: "4.0.0",
  group: "generic",
  complexity: "O(N) for N keys, whatever their size.",
  flags: ["write", "fast"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  words: [many(key("key", "RM delete"))],
  run: deleteAll,
});

function deleteAll({ args, db, reply }: Context): void {
  let count = 0;
  for (let index = 1; index < args.count; index++) {
    if (deleteKey(db, args, index)) count++;
  }
  reply.integer(count);
}
