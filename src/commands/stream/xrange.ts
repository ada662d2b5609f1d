import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, string } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { readStream } from "../../keyspace/stream.ts";
import { noRef } from "../../memory/arena.ts";
import { StreamCursor } from "../../structures/stream-cursor.ts";
import { StreamId } from "../../structures/stream-id.ts";
import { endArgument, startArgument } from "./stream-argument.ts";
import { replyWalk } from "./stream-reply.ts";

const complexity = "O(N) for N replied entries.";
const start = new StreamId();
const end = new StreamId();
const walk = new StreamCursor();
const firstOption = 4;
const countWord = asciiBytes("count");

export const xrange = command({
  name: "XRANGE",
  summary: "Replies with the entries of a stream whose IDs lie in an interval.",
  since: "5.0.0",
  group: "stream",
  complexity,
  flags: ["readonly"],
  history: [["6.2.0", "Ends that are not part of the interval."]],
  words: [
    key("key", "RO access"),
    string("start"),
    string("end"),
    optional(integer("count", { token: "COUNT" })),
  ],
  // The ends are looked at first: what is wrong with them is told before what is wrong behind.
  optionsAt: 0,

  run(context) {
    startArgument(context.args, 2, start);
    endArgument(context.args, 3, end);
    replyRange(context, "forward");
  },
});

export const xrevrange = command({
  name: "XREVRANGE",
  summary: "Replies with the entries of a stream whose IDs lie in an interval, the last one first.",
  since: "5.0.0",
  group: "stream",
  complexity,
  flags: ["readonly"],
  history: [["6.2.0", "Ends that are not part of the interval."]],
  words: [
    key("key", "RO access"),
    string("end"),
    string("start"),
    optional(integer("count", { token: "COUNT" })),
  ],
  optionsAt: 0,

  run(context) {
    startArgument(context.args, 3, start);
    endArgument(context.args, 2, end);
    replyRange(context, "backward");
  },
});

/** How many entries are asked for: the last COUNT's, if there are several. */
function countArgument(args: Slices): number {
  let count = Infinity;
  for (let index = firstOption; index < args.count; index += 2) {
    if (index + 1 === args.count || !isArgument(args, index, countWord)) throw syntaxError;
    count = integerArgument(args, index + 1);
  }
  return count;
}

function replyRange(context: Context<"count">, direction: "forward" | "backward"): void {
  const { args, db, reply } = context;
  const count = countArgument(args);
  const root = readStream(db, args, 1);
  if (root === noRef) {
    reply.array(0);
  } else if (count <= 0) {
    reply.nilArray();
  } else {
    if (direction === "forward") walk.open(db.keyspace.arena, root, start, end);
    else walk.openReverse(db.keyspace.arena, root, start, end);
    replyWalk(reply, walk, count);
  }
}
