// FLUSHDB and FLUSHALL. ASYNC and SYNC differ in Redis in who frees the memory; here it is freed in
// slices between turns, so that neither ever stalls anybody. What a synchronous one can free in a
// millisecond is gone when the reply comes. Redis differs: there all of it is.
import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { target } from "../../engine/propagation.ts";
import { oneOf, optional, token } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";

/** How long a synchronous one frees before it replies, and records between two looks. */
const freeingUsMax = 1000;
const recordsPerLook = 256;

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
    db.keyspace.dirty += db.flush(isLazy(args, engine));
    freeAtOnce(args, engine);
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
    db.keyspace.dirty += db.keyspace.flushAll(isLazy(args, engine)) + 1;
    freeAtOnce(args, engine);
    engine.host.persistence.flushed();
    reply.ok();
  },
});

function isAsynchronous(args: Slices, { host }: Engine): boolean {
  if (args.count === 1) return host.settings.lazyfreeLazyUserFlush;
  return args.latin1(1).toLowerCase() === "async";
}

/** Also a synchronous one counts as lazy, as in Redis, unless it is part of a transaction. */
function isLazy(args: Slices, engine: Engine): boolean {
  return isAsynchronous(args, engine) || !engine.isInTransaction;
}

function freeAtOnce(args: Slices, engine: Engine): void {
  if (isAsynchronous(args, engine)) return;
  const { host, keyspace } = engine;
  const endUs = host.clock.monotonicUs() + freeingUsMax;
  while (keyspace.reclaimer.reclaim(recordsPerLook) && host.clock.monotonicUs() < endUs) continue;
}
