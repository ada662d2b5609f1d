import { cursorArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, pattern } from "../../engine/word.ts";
import { patternIndex } from "../../keyspace/keys.ts";
import { scanMembers } from "../../keyspace/set-scan.ts";
import { scanCount } from "../generic/scan-count.ts";

export const sscan = command({
  name: "SSCAN",
  summary: "Walks through the members of a set, some at each call.",
  since: "2.8.0",
  group: "set",
  complexity: "O(1) for a call, O(N) for all calls that a walk through N members takes.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [
    key("key", "RO access"),
    integer("cursor"),
    optional(pattern("pattern", { token: "MATCH" })),
    optional(integer("count", { token: "COUNT" })),
  ],

  run({ args, options, db, reply }) {
    const cursor = cursorArgument(args, 2);
    const count = scanCount(args, options.count);
    const filter = options.pattern === 0 ? 0 : patternIndex(args, options.pattern);
    reply.array(2);
    let mark = 0;
    const found = scanMembers(
      db,
      args,
      1,
      { cursor, count, pattern: filter },
      {
        begin(next) {
          reply.bulkInteger(next);
          mark = reply.open();
        },
        visit(member) {
          reply.bulk(member.bytes, member.offset, member.length);
        },
      },
    );
    reply.close(mark, "array", found);
  },
});
