// FLUSHDB and FLUSHALL. ASYNC and SYNC differ in Redis in who frees the memory; here it is always
// freed in slices between turns, so neither ever stalls anybody, and both words are accepted. Redis
// differs: after a synchronous FLUSHALL its memory is back when the reply comes; ours is a moment
// later.
import { command } from "../../engine/command.ts";
import { target } from "../../engine/propagation.ts";
import { oneOf, optional, token } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";

const words = [
  optional(
    oneOf("flush-type", [token("async", { since: "4.0.0" }), token("sync", { since: "6.2.0" })]),
  ),
] as const;

const shared = {
  since: "1.0.0",
  group: "server",
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: [
    ["4.0.0", "The word `ASYNC`."],
    ["6.2.0", "The word `SYNC`."],
  ],
  words,
} as const;

export const flushDb = command({
  ...shared,
  name: "FLUSHDB",
  summary: "Deletes all keys of the selected database.",
  complexity: "O(N) where N is the number of keys in the selected database, in slices",

  run({ args, db, reply, engine }) {
    if (args.count > 2) throw syntaxError;
    // Also when there is nothing to delete: a copy may have what is over its time here.
    engine.propagation.force(target.all);
    db.keyspace.dirty += db.flush();
    reply.ok();
  },
});

export const flushAll = command({
  ...shared,
  name: "FLUSHALL",
  summary: "Deletes all keys of all databases.",
  complexity: "O(N) where N is the total number of keys in all databases, in slices",

  run({ args, db, reply, engine }) {
    if (args.count > 2) throw syntaxError;
    engine.propagation.force(target.all);
    // One more, so that it counts as a change even where there was nothing to delete.
    db.keyspace.dirty += db.keyspace.flushAll() + 1;
    engine.host.persistence.flushed();
    reply.ok();
  },
});
