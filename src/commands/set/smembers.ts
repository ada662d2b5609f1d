import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { SetCursor } from "../../keyspace/set-cursor.ts";
import { openMembers } from "../../keyspace/set.ts";

const cursor = new SetCursor();

export const smembers = command({
  name: "SMEMBERS",
  summary: "Replies with all members of a set.",
  since: "1.0.0",
  group: "set",
  complexity: "O(N) for N members.",
  flags: ["readonly"],
  costShows: true,
  tips: ["nondeterministic_output_order"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    const count = openMembers(db, args, 1, cursor);
    reply.set(count);
    if (count === 0) return;
    const { member } = cursor;
    while (cursor.next()) {
      member.render();
      reply.bulk(member.bytes, member.offset, member.length);
    }
  },
});
