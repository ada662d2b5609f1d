import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { isArgument, positiveArgument, rangeArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, many, optional } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { collectSets, intersectSets, storeIntersection } from "../../keyspace/set-algebra.ts";

const limitWord = asciiBytes("limit");
const noKeys = new Failure("ERR numkeys should be greater than 0");
const tooManyKeys = new Failure("ERR Number of keys can't be greater than number of args");
const negativeLimit = new Failure("ERR LIMIT can't be negative");

export const sinter = command({
  name: "SINTER",
  summary: "Replies with the members that all of several sets have.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N*M) at most, for N members of the smallest set and M sets.",
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  words: [many(key("key", "RO access"))],

  run({ args, db, reply }) {
    const sets = collectSets(db, args, 1, args.count - 1);
    const mark = reply.open();
    const count = intersectSets(db.keyspace, sets, 0, (member) => {
      member.render();
      reply.bulk(member.bytes, member.offset, member.length);
    });
    reply.close(mark, "set", count);
  },
});

export const sinterstore = command({
  name: "SINTERSTORE",
  summary: "Stores the members that all of several sets have under another key.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N*M) at most, for N members of the smallest set and M sets.",
  flags: ["write", "denyoom"],
  words: [key("destination", "OW update"), many(key("key", "RO access"))],

  run({ args, db, reply }) {
    reply.integer(storeIntersection(db, args));
  },
});

export const sintercard = command({
  name: "SINTERCARD",
  summary: "Counts the members that all of several sets have, up to a limit.",
  since: "7.0.0",
  group: "set",
  complexity: "O(N*M) at most, for N members of the smallest set and M sets.",
  flags: ["readonly"],
  words: [
    integer("numkeys"),
    many(key("key", "RO access")),
    optional(integer("limit", { token: "LIMIT" })),
  ],
  optionsAt: 0,

  run({ args, db, reply }) {
    const keyCount = rangeArgument(args, 1, 1, Infinity, noKeys);
    if (keyCount > args.count - 2) throw tooManyKeys;
    const limit = limitOption(args, 2 + keyCount);
    const sets = collectSets(db, args, 2, keyCount);
    reply.integer(intersectSets(db.keyspace, sets, limit, () => undefined));
  },
});

/** The limit that follows the keys; 0 when there is none. */
function limitOption(args: Slices, start: number): number {
  let limit = 0;
  for (let index = start; index < args.count; index += 2) {
    if (!isArgument(args, index, limitWord) || index + 1 >= args.count) throw syntaxError;
    limit = positiveArgument(args, index + 1, negativeLimit);
  }
  return limit;
}
