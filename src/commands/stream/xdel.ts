import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { deleteOne, deletion, reportDeletions, writeStream } from "../../keyspace/stream.ts";
import { noRef } from "../../memory/arena.ts";
import { idArguments } from "./stream-argument.ts";

export const xdel = command({
  name: "XDEL",
  summary: "Deletes entries of a stream by their IDs and counts those that were there.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1) for each entry, whatever the size of the stream.",
  flags: ["write", "fast"],
  words: [key("key", "RW delete"), many(string("ID"))],

  run({ args, db, reply }) {
    const root = writeStream(db, args, 1);
    if (root === noRef) {
      reply.integer(0);
      return;
    }
    let deleted = 0;
    for (const id of idArguments(args, 2)) {
      if (deleteOne(db, root, id, "keep") === deletion.deleted) deleted++;
    }
    reportDeletions(db, args, 1, deleted);
    reply.integer(deleted);
  },
});
