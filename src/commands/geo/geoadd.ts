import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { block, double, key, many, oneOf, optional, string, token } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { placeScore } from "../../keyspace/geo-hash.ts";
import { Additions, addScores, additionFlag } from "../../keyspace/zset.ts";
import { placeArguments } from "./geo-argument.ts";

const nxWord = asciiBytes("nx");
const xxWord = asciiBytes("xx");
const chWord = asciiBytes("ch");
const additions = new Additions();

export const geoadd = command({
  name: "GEOADD",
  summary: "Adds places to a sorted set, or moves those that are there.",
  since: "3.2.0",
  group: "geo",
  complexity: "O(log(N)) a place.",
  flags: ["write", "denyoom"],
  history: [["6.2.0", "`CH`, `NX` and `XX` came in."]],
  words: [
    key("key", "RW update"),
    optional(oneOf("condition", [token("nx"), token("xx")], { since: "6.2.0" })),
    optional(token("change", { token: "CH", since: "6.2.0" })),
    many(block("data", [double("longitude"), double("latitude"), string("member")])),
  ],
  optionsAt: 0,

  run({ args, db, reply, engine }) {
    const { nx, xx } = additionFlag;
    let flags = 0;
    let countsChanges = false;
    let first = 2;
    for (; first < args.count; first++) {
      if (isArgument(args, first, nxWord)) flags |= nx;
      else if (isArgument(args, first, xxWord)) flags |= xx;
      else if (isArgument(args, first, chWord)) countsChanges = true;
      else break;
    }
    const count = (args.count - first) / 3;
    if (!Number.isInteger(count) || flags === (nx | xx)) throw syntaxError;
    if (count === 0) throw syntaxError;
    const scores = new Float64Array(count);
    for (let index = 0; index < count; index++) {
      const { longitude, latitude } = placeArguments(args, first + index * 3);
      scores[index] = placeScore(longitude, latitude);
    }
    addScores(db, args, 1, first + 2, 3, scores, count, flags, additions);
    if (additions.added + additions.updated > 0) {
      propagateScores(engine, db, args, first, scores);
    }
    reply.integer(countsChanges ? additions.added + additions.updated : additions.added);
  },
});

/** Places are propagated as the scores that they have become. */
function propagateScores(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  first: number,
  scores: Float64Array,
): void {
  propagation.begin(db, first + scores.length * 2);
  propagation.text("ZADD").arguments(args, 1, first);
  for (let index = 0; index < scores.length; index++) {
    propagation.number(scores[index]).argument(args, first + index * 3 + 2);
  }
}
