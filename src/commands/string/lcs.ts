import { LongestCommonSubsequence } from "../../bytes/longest-common-subsequence.ts";
import { Slice } from "../../bytes/slices.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, token } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure, wrongType } from "../../keyspace/failure.ts";
import { readString } from "../../keyspace/string.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const notStrings = new Failure("ERR The specified keys must contain string values");
const lengthAndIndexes = new Failure(
  "ERR If you want both the length and indexes, please just use IDX.",
);
const tableTooLarge = new Failure(
  "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
);
/** What Redis counts for a cell of its table, and hence what its limit means. */
const cellBytes = 4;

export const lcs = command({
  name: "LCS",
  summary: "Finds the longest sequence of bytes that two strings have in common, gaps allowed.",
  since: "7.0.0",
  group: "string",
  complexity: "O(N*M) for strings of N and M bytes.",
  flags: ["readonly"],
  words: [
    key("key1", "RO access"),
    key("key2", "RO access"),
    optional(token("len")),
    optional(token("idx")),
    optional(integer("min-match-len", { token: "MINMATCHLEN" })),
    optional(token("withmatchlen")),
  ],
  keySpecs: [
    {
      flags: ["RO", "ACCESS"],
      begin: { index: 1 },
      find: { lastKey: 1, step: 1, limit: 0 },
    },
  ],

  run({ args, options, db, reply }) {
    const a = stringOrEmpty(db, args, 1);
    const b = stringOrEmpty(db, args, 2);
    const isIndexed = options.idx !== 0;
    const minimum = options["min-match-len"];
    const lengthMin = minimum === 0 ? 0 : integerArgument(args, minimum);
    if (isIndexed && options.len !== 0) throw lengthAndIndexes;
    const tableBytes = (a.length + 1) * (b.length + 1) * cellBytes;
    if (tableBytes > db.keyspace.stringBytesMax) throw tableTooLarge;
    const found = new LongestCommonSubsequence(a, b);
    if (isIndexed) {
      replyMatches(reply, found, lengthMin, { withLength: options.withmatchlen !== 0 });
    } else if (options.len !== 0) {
      reply.integer(found.length);
    } else {
      reply.bulk(found.toBytes(), 0, found.length);
    }
  },
});

function stringOrEmpty(db: Database, args: Slices, index: number): Slice {
  const slice = new Slice();
  try {
    readString(db, args, index, slice);
  } catch (error) {
    throw error === wrongType ? notStrings : error;
  }
  return slice;
}

function replyMatches(
  reply: ReplyWriter,
  found: LongestCommonSubsequence,
  lengthMin: number,
  options: { withLength: boolean },
): void {
  const matches = found.matches().filter((match) => match.length >= lengthMin);
  reply.map(2);
  reply.bulkLatin1("matches");
  reply.array(matches.length);
  for (const match of matches) {
    reply.array(options.withLength ? 3 : 2);
    for (const start of [match.startA, match.startB]) {
      reply.array(2);
      reply.integer(start);
      reply.integer(start + match.length - 1);
    }
    if (options.withLength) reply.integer(match.length);
  }
  reply.bulkLatin1("len");
  reply.integer(found.length);
}
