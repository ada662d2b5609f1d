import { exactIntegerArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { double, integer, key, string } from "../../engine/word.ts";
import {
  incrementField,
  incrementFieldByFloat,
  timeOfIncremented,
} from "../../keyspace/hash-increment.ts";

export const hincrby = command({
  name: "HINCRBY",
  summary: "Adds a number to the integer in a field; a missing field counts as 0.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), string("field"), integer("increment")],

  run({ args, db, reply }) {
    const increment = exactIntegerArgument(args, 3);
    reply.integer(incrementField(db, args, 1, 2, increment));
  },
});

export const hincrbyfloat = command({
  name: "HINCRBYFLOAT",
  summary: "Adds a number with a fraction to the number in a field; a missing field counts as 0.",
  since: "2.6.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW access update"), string("field"), double("increment")],

  run(context) {
    const { args, db, reply } = context;
    const text = incrementFieldByFloat(db, args, 1, 2, 3);
    reply.bulk(text, 0, text.length);
    if (context.engine.propagation.isOn) propagateSum(context, text);
  },
});

/**
 * The sum: whoever replays it need not calculate as precisely. Redis differs: a field that expires
 * loses its time where the HSET is replayed; here the time follows.
 */
function propagateSum({ args, db, engine }: Context, text: Uint8Array): void {
  const { propagation } = engine;
  propagation.begin(db, 4).text("HSET").arguments(args, 1, 3).bytes(text, 0, text.length);
  const timeMs = timeOfIncremented(db, args, 2);
  if (timeMs < 0) return;
  propagation.begin(db, 6).text("HPEXPIREAT").argument(args, 1).number(timeMs);
  propagation.text("FIELDS").number(1).argument(args, 2);
}
