import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { readStream } from "../../keyspace/stream.ts";
import { noRef } from "../../memory/arena.ts";
import { streamLength } from "../../structures/stream-root.ts";

export const xlen = command({
  name: "XLEN",
  summary: "Counts the entries of a stream.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    const root = readStream(db, args, 1);
    reply.integer(root === noRef ? 0 : streamLength(db.keyspace.arena, root));
  },
});
