import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, string } from "../../engine/word.ts";
import { Failure, noSuchKey } from "../../keyspace/failure.ts";
import { setStreamFacts, writeStream } from "../../keyspace/stream.ts";
import { noRef } from "../../memory/arena.ts";
import { StreamId, compareIds } from "../../structures/stream-id.ts";
import { idArgument } from "./stream-argument.ts";

const addedNegative = new Failure("ERR entries_added must be positive");
const belowGiven = new Failure(
  "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
);

export const xsetid = command({
  name: "XSETID",
  summary: "Sets the last ID of a stream, and what else is kept of its past; for replication.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  history: [["7.0.0", "`ENTRIESADDED` and `MAXDELETEDID` came in."]],
  words: [
    key("key", "RW update"),
    string("last-id"),
    optional(integer("entries-added", { token: "ENTRIESADDED", since: "7.0.0" })),
    optional(string("max-deleted-id", { token: "MAXDELETEDID", since: "7.0.0" })),
  ],

  run({ args, options, db, reply }) {
    const lastId = new StreamId();
    const maxDeletedId = new StreamId();
    idArgument(args, 2, lastId);
    const addedAt = options["entries-added"];
    const entriesAdded = addedAt === 0 ? -1 : integerArgument(args, addedAt);
    if (addedAt !== 0 && entriesAdded < 0) throw addedNegative;
    const deletedAt = options["max-deleted-id"];
    if (deletedAt !== 0) {
      idArgument(args, deletedAt, maxDeletedId);
      if (compareIds(lastId, maxDeletedId) < 0) throw belowGiven;
    }
    const root = writeStream(db, args, 1);
    if (root === noRef) throw noSuchKey;
    setStreamFacts(db, args, 1, root, { lastId, entriesAdded, maxDeletedId });
    reply.ok();
  },
});
