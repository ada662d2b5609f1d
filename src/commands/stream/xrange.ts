import { integerArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, string } from "../../engine/word.ts";
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

  run(context) {
    startArgument(context.args, 3, start);
    endArgument(context.args, 2, end);
    replyRange(context, "backward");
  },
});

function replyRange(context: Context<"count">, direction: "forward" | "backward"): void {
  const { args, options, db, reply } = context;
  const count = options.count === 0 ? Infinity : integerArgument(args, options.count);
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
