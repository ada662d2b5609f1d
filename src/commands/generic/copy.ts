import { equalBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { databaseArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, token } from "../../engine/word.ts";
import { sameObject } from "../../keyspace/failure.ts";
import { copyKey } from "../../keyspace/keys.ts";

export const copy = command({
  name: "COPY",
  summary: "Copies a key's value and expiry to another key, in this database or in another.",
  since: "6.2.0",
  group: "generic",
  complexity: "O(1) for strings, else O(N) for N elements.",
  flags: ["write", "denyoom"],
  words: [
    key("source", "RO access"),
    key("destination", "OW update"),
    optional(integer("destination-db", { token: "DB" })),
    optional(token("replace")),
  ],

  run({ args, options, db, reply }) {
    const index = options["destination-db"];
    const target = index === 0 ? db : databaseArgument(args, index, db.keyspace);
    if (target === db && isSameKey(args, 1, 2)) throw sameObject;
    const isDone = copyKey(db, target, args, 1, 2, { replace: options.replace !== 0 });
    reply.integer(isDone ? 1 : 0);
  },
});

function isSameKey(args: Slices, a: number, b: number): boolean {
  const { bytes, offsets, lengths } = args;
  if (lengths[a] !== lengths[b]) return false;
  return equalBytes(bytes, offsets[a], bytes, offsets[b], lengths[a]);
}
