import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { expiryOf } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";

/** Replies of these commands for a key that is not there and for one that does not expire. */
const missing = -2;

export const ttl = command({
  name: "TTL",
  summary: "Tells in how many seconds a key expires; -1: never, -2: there is no such key.",
  since: "1.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  history: [["2.8.0", "The reply -2 came in."]],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    reply.integer(toSeconds(remainingMs(db, args)));
  },
});

export const pttl = command({
  name: "PTTL",
  summary: "Tells in how many milliseconds a key expires; -1: never, -2: there is no such key.",
  since: "2.6.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  history: [["2.8.0", "The reply -2 came in."]],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    reply.integer(remainingMs(db, args));
  },
});

export const expiretime = command({
  name: "EXPIRETIME",
  summary: "Tells the Unix time in seconds at which a key expires; -1: never, -2: no such key.",
  since: "7.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    reply.integer(toSeconds(expiryTimeMs(db, args)));
  },
});

export const pexpiretime = command({
  name: "PEXPIRETIME",
  summary:
    "Tells the Unix time in milliseconds at which a key expires; -1: never, -2: no such key.",
  since: "7.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    reply.integer(expiryTimeMs(db, args));
  },
});

/** Milliseconds since 1970; negative when there is no such time. */
function expiryTimeMs(db: Database, args: Slices): number {
  const ref = db.inspect(args, 1);
  return ref === noRef ? missing : expiryOf(db.keyspace.arena, ref);
}

function remainingMs(db: Database, args: Slices): number {
  const expiryMs = expiryTimeMs(db, args);
  return expiryMs < 0 ? expiryMs : Math.max(0, expiryMs - db.keyspace.nowMs);
}

/** Rounds to the nearest second, as Redis does. */
function toSeconds(ms: number): number {
  return ms < 0 ? ms : Math.floor((ms + 500) / 1000);
}
