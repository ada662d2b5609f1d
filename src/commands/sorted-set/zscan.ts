import { formatDouble, formatDouble17 } from "../../bytes/double.ts";
import { cursorArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, pattern } from "../../engine/word.ts";
import { patternIndex } from "../../keyspace/keys.ts";
import { encoding, encodingOf, recordType, valueRef } from "../../keyspace/record.ts";
import { cursorOf } from "../../keyspace/zset-cursor.ts";
import { isMatch, scanLarge } from "../../keyspace/zset-scan.ts";
import { zsetCount } from "../../keyspace/zset.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import { memberLength, memberOffset, scoreOf } from "../../structures/sorted-index.ts";
import { scanCount } from "../generic/scan-count.ts";

export const zscan = command({
  name: "ZSCAN",
  summary: "Walks through the members and scores of a sorted set, some at each call.",
  since: "2.8.0",
  group: "sorted-set",
  complexity: "O(1) for a call, O(N) for all calls that a walk through N members takes.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [
    key("key", "RO access"),
    integer("cursor"),
    optional(pattern("pattern", { token: "MATCH" })),
    optional(integer("count", { token: "COUNT" })),
  ],

  run(context) {
    const { args, options, db, reply } = context;
    const start = cursorArgument(args, 2);
    const count = scanCount(args, options.count);
    const filter = options.pattern === 0 ? 0 : patternIndex(args, options.pattern);
    const ref = db.readOfType(args, 1, recordType.zset);
    reply.array(2);
    if (ref === noRef) {
      reply.bulkInteger(0);
      reply.array(0);
    } else if (encodingOf(db.keyspace.arena, ref) === encoding.listpack) {
      replySmall(context, ref, filter);
    } else {
      const found: Ref[] = [];
      reply.bulkInteger(scanLarge(db.keyspace, ref, start, count, found));
      replyEntries(context, found, filter);
    }
  },
});

/** A small set is replied whole. */
function replySmall({ args, db, reply }: Context, ref: Ref, filter: number): void {
  const { arena } = db.keyspace;
  reply.bulkInteger(0);
  const mark = reply.open();
  const cursor = cursorOf(arena);
  cursor.seek(encoding.listpack, valueRef(arena, ref), 0);
  let found = 0;
  for (let left = zsetCount(db.keyspace, ref); left > 0; left--, cursor.next()) {
    if (!isMatch(args, filter, cursor.bytes, cursor.offset, cursor.length)) continue;
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    reply.bulkLatin1(formatDouble(cursor.score));
    found++;
  }
  reply.close(mark, "array", found * 2);
}

/** Redis writes the scores of a large set with 17 digits here, unlike everywhere else. */
function replyEntries({ args, db, reply }: Context, entries: readonly Ref[], filter: number): void {
  const { arena } = db.keyspace;
  const mark = reply.open();
  let found = 0;
  for (const entry of entries) {
    const bytes = arena.bytes[entry >>> 16];
    const offset = memberOffset(entry);
    const length = memberLength(arena, entry);
    if (!isMatch(args, filter, bytes, offset, length)) continue;
    reply.bulk(bytes, offset, length);
    reply.bulkLatin1(formatDouble17(scoreOf(arena, entry)));
    found++;
  }
  reply.close(mark, "array", found * 2);
}
