import { integerArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { readString } from "../../keyspace/string.ts";

export const getrange = command({
  name: "GETRANGE",
  summary: "Replies with a part of a string, given by the offsets of its first and last byte.",
  since: "2.4.0",
  group: "string",
  complexity: "O(N) for a part of N bytes.",
  flags: ["readonly"],
  words: [key("key", "RO access"), integer("start"), integer("end")],
  run: replyRange,
});

export const substr = command({
  name: "SUBSTR",
  summary: "The old name of GETRANGE.",
  since: "1.0.0",
  group: "string",
  complexity: "O(N) for a part of N bytes.",
  flags: ["readonly"],
  deprecated: { since: "2.0.0", replacedBy: "`GETRANGE`" },
  words: [key("key", "RO access"), integer("start"), integer("end")],
  run: replyRange,
});

/** Negative offsets count from the end, -1 being the last byte. */
function replyRange({ args, db, reply }: Context): void {
  let start = integerArgument(args, 2);
  let end = integerArgument(args, 3);
  const { value } = db.keyspace;
  const length = readString(db, args, 1, value) ? value.length : 0;
  if (start < 0) start = Math.max(0, start + length);
  if (end < 0) end += length;
  end = Math.min(end, length - 1);
  if (start > end) reply.bulk(value.bytes, 0, 0);
  else reply.bulk(value.bytes, value.offset + start, end - start + 1);
}
