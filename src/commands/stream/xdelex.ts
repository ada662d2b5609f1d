import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { isArgument, rangeArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { block, integer, key, many, string } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import {
  deleteOne,
  deletion,
  readStream,
  reportDeletions,
  writeStream,
} from "../../keyspace/stream.ts";
import { acknowledgeOne, groupArgument } from "../../keyspace/stream-groups.ts";
import type { ReferencePolicy } from "../../keyspace/stream-references.ts";
import { noRef } from "../../memory/arena.ts";
import type { StreamId } from "../../structures/stream-id.ts";
import { idArguments } from "./stream-argument.ts";
import { findPolicy, referenceWords } from "./trim-options.ts";

const ids = asciiBytes("ids");
const countNotPositive = new Failure("ERR Number of IDs must be a positive integer");
const countUnmatched = new Failure("ERR The `numids` parameter must match the number of arguments");
const idWords = block("ids", [integer("numids"), many(string("id"))], { token: "IDS" });

interface IdRequest {
  readonly policy: ReferencePolicy;
  readonly ids: StreamId[];
}

/**
 * Parses `[KEEPREF | DELREF | ACKED] IDS numids id ...` from argument `first` on. What becomes of
 * references may also be said behind the IDs, as in Redis, but only once.
 */
function parseIds(args: Slices, first: number): IdRequest {
  let policy: ReferencePolicy | undefined;
  let idsAt = 0;
  let idsEnd = 0;
  let index = first;
  while (index < args.count) {
    const word = findPolicy(args, index);
    if (word !== undefined && policy === undefined) {
      policy = word;
      index++;
    } else if (isArgument(args, index, ids) && index + 1 < args.count) {
      const count = rangeArgument(args, index + 1, 1, Infinity, countNotPositive);
      idsAt = index + 2;
      idsEnd = idsAt + count;
      if (idsEnd > args.count) throw countUnmatched;
      index = idsEnd;
    } else {
      throw syntaxError;
    }
  }
  if (idsAt === 0) throw syntaxError;
  return { policy: policy ?? "keep", ids: idArguments(args, idsAt, idsEnd) };
}

export const xdelex = command({
  name: "XDELEX",
  summary:
    "Deletes entries of a stream by their IDs and says of each what became of it, with regard to " +
    "the consumer groups that still refer to it.",
  since: "8.2.0",
  group: "stream",
  complexity: "O(1) for each entry, whatever the size of the stream; O(G) for G consumer groups.",
  flags: ["write", "fast"],
  words: [key("key", "RW delete"), referenceWords(), idWords],
  optionsAt: 0,

  run({ args, db, reply }) {
    const request = parseIds(args, 2);
    const root = writeStream(db, args, 1);
    reply.array(request.ids.length);
    let deleted = 0;
    for (const id of request.ids) {
      const result = root === noRef ? deletion.noSuchId : deleteOne(db, root, id, request.policy);
      if (result === deletion.deleted) deleted++;
      reply.integer(result);
    }
    reportDeletions(db, args, 1, deleted);
  },
});

export const xackdel = command({
  name: "XACKDEL",
  summary:
    "Acknowledges entries of a stream for a group and deletes them, with regard to the other " +
    "groups that still refer to them.",
  since: "8.2.0",
  group: "stream",
  complexity: "O(1) for each entry; O(G) for G consumer groups.",
  flags: ["write", "fast"],
  words: [key("key", "RW delete"), string("group"), referenceWords(), idWords],
  optionsAt: 0,

  run({ args, db, reply }) {
    const request = parseIds(args, 3);
    const root = readStream(db, args, 1);
    const group = root === noRef ? noRef : groupArgument(db, root, args, 2);
    reply.array(request.ids.length);
    let deleted = 0;
    for (const id of request.ids) {
      if (group === noRef || !acknowledgeOne(db, group, id)) {
        reply.integer(deletion.noSuchId);
        continue;
      }
      const result = deleteOne(db, root, id, request.policy);
      if (result === deletion.deleted) deleted++;
      // An entry that was pending and is in the stream no longer has been deleted, if not by us.
      reply.integer(result === deletion.noSuchId ? deletion.deleted : result);
    }
    reportDeletions(db, args, 1, deleted);
  },
});
