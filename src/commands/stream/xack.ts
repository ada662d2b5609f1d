import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { readStream } from "../../keyspace/stream.ts";
import { acknowledgeOne, groupArgument } from "../../keyspace/stream-groups.ts";
import { noRef } from "../../memory/arena.ts";
import { StreamId } from "../../structures/stream-id.ts";
import { idArgument } from "./stream-argument.ts";

const id = new StreamId();

export const xack = command({
  name: "XACK",
  summary: "Acknowledges entries that a group has delivered and counts those that were pending.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1) for each entry.",
  flags: ["write", "fast"],
  words: [key("key", "RW update"), string("group"), many(string("ID"))],

  run({ args, db, reply }) {
    const root = readStream(db, args, 1);
    const group = root === noRef ? noRef : groupArgument(db, root, args, 2);
    if (group === noRef) {
      reply.integer(0);
      return;
    }
    // All or none: an ID that is none must be found before the first entry is acknowledged.
    if (args.count > 4)
      for (let index = 3; index < args.count; index++) idArgument(args, index, id);
    let acknowledged = 0;
    for (let index = 3; index < args.count; index++) {
      idArgument(args, index, id);
      if (acknowledgeOne(db, group, id)) acknowledged++;
    }
    reply.integer(acknowledged);
  },
});
