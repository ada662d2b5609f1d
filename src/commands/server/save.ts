// SAVE, BGSAVE, LASTSAVE and BGREWRITEAOF: what is done about the files is persistence's own
// business.
import { command } from "../../engine/command.ts";
import { optional, token } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

export const save = command({
  name: "SAVE",
  summary: "Saves the data set to the snapshot file, while everybody waits.",
  since: "1.0.0",
  group: "server",
  complexity: "O(N) where N is the total number of keys in all databases",
  flags: ["admin", "noscript", "no_async_loading", "no_multi"],
  words: [],

  run({ reply, engine }) {
    const failure = engine.host.persistence.save();
    if (failure !== undefined) throw failure;
    reply.ok();
  },
});

export const bgsave = command({
  name: "BGSAVE",
  summary: "Saves the data set to the snapshot file, in slices between requests.",
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "noscript", "no_async_loading"],
  history: [["3.2.2", "The word `SCHEDULE`."]],
  words: [optional(token("schedule", { since: "3.2.2" }))],

  run({ options, reply, engine }) {
    const outcome = engine.host.persistence.saveInBackground({ mayWait: options.schedule > 0 });
    if (outcome instanceof Failure) throw outcome;
    reply.simple(`Background saving ${outcome}`);
  },
});

export const lastsave = command({
  name: "LASTSAVE",
  summary: "Tells when the data set was last saved, in seconds since 1970.",
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  categories: ["admin", "dangerous"],
  tips: ["nondeterministic_output"],
  words: [],

  run({ reply, engine }) {
    reply.integer(engine.host.persistence.lastSaveSeconds);
  },
});

export const bgrewriteaof = command({
  name: "BGREWRITEAOF",
  summary: "Rewrites the append-only file to be as short as it can, in slices between requests.",
  since: "1.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "noscript", "no_async_loading"],
  words: [],

  run({ reply, engine }) {
    const outcome = engine.host.persistence.rewriteInBackground();
    if (outcome instanceof Failure) throw outcome;
    reply.simple(`Background append only file rewriting ${outcome}`);
  },
});
