import { int32Argument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer } from "../../engine/word.ts";
import { Failure, databaseOutOfRange } from "../../keyspace/failure.ts";

const invalidFirst = new Failure("ERR invalid first DB index");
const invalidSecond = new Failure("ERR invalid second DB index");

export const swapDb = command({
  name: "SWAPDB",
  summary: "Lets two databases change places, for all clients at once.",
  since: "4.0.0",
  group: "server",
  complexity: "O(1), and the number of clients that watch keys of the two databases",
  flags: ["write", "fast"],
  categories: ["keyspace", "dangerous"],
  words: [integer("index1"), integer("index2")],

  run({ args, reply, engine }) {
    const first = int32Argument(args, 1, invalidFirst);
    const second = int32Argument(args, 2, invalidSecond);
    const { length } = engine.keyspace.databases;
    const isInside = first >= 0 && first < length && second >= 0 && second < length;
    if (!isInside) throw databaseOutOfRange;
    engine.keyspace.swap(first, second);
    reply.ok();
  },
});
