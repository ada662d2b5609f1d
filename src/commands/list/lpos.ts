import { positiveArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { findPositions } from "../../keyspace/list-search.ts";
import { recordType } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";
import { signedCountArgument } from "./list-argument.ts";

const rankZero = new Failure(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use " +
    "negative to start from the end of the list",
);
const countNegative = new Failure("ERR COUNT can't be negative");
const lengthNegative = new Failure("ERR MAXLEN can't be negative");

export const lpos = command({
  name: "LPOS",
  summary: "Finds the indexes of the elements that equal a value.",
  since: "6.0.6",
  group: "list",
  complexity: "O(N) for N elements that are compared.",
  flags: ["readonly"],
  words: [
    key("key", "RO access"),
    string("element"),
    optional(integer("rank", { token: "RANK" })),
    optional(integer("num-matches", { token: "COUNT" })),
    optional(integer("len", { token: "MAXLEN" })),
  ],

  run({ args, options, db, reply }) {
    const rank = options.rank === 0 ? 1 : signedCountArgument(args, options.rank);
    if (rank === 0) throw rankZero;
    const matches = options["num-matches"];
    const count = matches === 0 ? 1 : positiveArgument(args, matches, countNegative);
    const compared = options.len === 0 ? 0 : positiveArgument(args, options.len, lengthNegative);
    const ref = db.readOfType(args, 1, recordType.list);
    const found: number[] = [];
    if (ref !== noRef) {
      const search = {
        element: 2,
        rank,
        countMax: count || Infinity,
        comparedMax: compared || Infinity,
      };
      findPositions(db, args, ref, search, found);
    }
    if (matches !== 0) {
      reply.array(found.length);
      for (const index of found) reply.integer(index);
    } else if (found.length > 0) {
      reply.integer(found[0]);
    } else {
      reply.nil();
    }
  },
});
