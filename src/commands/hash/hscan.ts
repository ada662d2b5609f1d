import { cursorArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional, pattern, token } from "../../engine/word.ts";
import { scanFields } from "../../keyspace/hash-scan.ts";
import { patternIndex } from "../../keyspace/keys.ts";
import { scanCount } from "../generic/scan-count.ts";

export const hscan = command({
  name: "HSCAN",
  summary: "Walks through the fields of a hash, some at each call.",
  since: "2.8.0",
  group: "hash",
  complexity: "O(1) for a call, O(N) for all calls that a walk through N fields takes.",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [
    key("key", "RO access"),
    integer("cursor"),
    optional(pattern("pattern", { token: "MATCH" })),
    optional(integer("count", { token: "COUNT" })),
    optional(token("novalues")),
  ],

  run({ args, options, db, reply }) {
    const cursor = cursorArgument(args, 2);
    const count = scanCount(args, options.count);
    const filter = options.pattern === 0 ? 0 : patternIndex(args, options.pattern);
    const hasValues = options.novalues === 0;
    let mark = 0;
    reply.array(2);
    const found = scanFields(
      db,
      args,
      1,
      { cursor, count, pattern: filter },
      {
        begin(next) {
          reply.bulkInteger(next);
          mark = reply.open();
        },
        visit(field, value) {
          reply.bulk(field.bytes, field.offset, field.length);
          if (hasValues) reply.bulk(value.bytes, value.offset, value.length);
        },
      },
    );
    reply.close(mark, "array", hasValues ? found * 2 : found);
  },
});
