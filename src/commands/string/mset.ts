import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import { block, key, many, string } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure } from "../../keyspace/failure.ts";
import { noRef } from "../../memory/arena.ts";
import { noExpiry, setString } from "../../keyspace/string.ts";

/** Fewer arguments than this are done before their keys could be fetched ahead. */
const prefetchedMin = 8;

const wrongArity = {
  mset: new Failure("ERR wrong number of arguments for 'mset' command"),
  msetnx: new Failure("ERR wrong number of arguments for 'msetnx' command"),
};

export const mset = command({
  name: "MSET",
  summary: "Gives several keys a string value each, all at once.",
  since: "1.0.1",
  group: "string",
  complexity: "O(N) for N keys.",
  flags: ["write", "denyoom"],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  words: [many(block("data", [key("key", "OW update"), string("value")]))],

  run({ args, db, reply }) {
    if (args.count % 2 === 0) throw wrongArity.mset;
    setPairs(db, args);
    reply.ok();
  },
});

export const msetnx = command({
  name: "MSETNX",
  summary: "Gives several keys a string value each, unless any one of them is already there.",
  since: "1.0.1",
  group: "string",
  complexity: "O(N) for N keys.",
  flags: ["write", "denyoom"],
  words: [many(block("data", [key("key", "OW insert"), string("value")]))],

  run({ args, db, reply }) {
    if (args.count % 2 === 0) throw wrongArity.msetnx;
    for (let index = 1; index < args.count; index += 2) {
      if (db.write(args, index) === noRef) continue;
      reply.integer(0);
      return;
    }
    setPairs(db, args);
    reply.integer(1);
  },
});

function setPairs(db: Database, args: Slices): void {
  if (args.count > prefetchedMin) db.keyspace.prefetch.keys(db, args, 1, 2);
  for (let index = 1; index < args.count; index += 2) {
    setString(db, args, index, index + 1, noExpiry);
  }
}
