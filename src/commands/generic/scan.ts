import type { Slices } from "../../bytes/slices.ts";
import { cursorArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, optional, pattern, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { patternIndex, scanKeys } from "../../keyspace/keys.ts";
import { keyLength, keyOffset, typeNames } from "../../keyspace/record.ts";
import type { Ref } from "../../memory/arena.ts";
import { scanCount } from "./scan-count.ts";

export const scan = command({
  name: "SCAN",
  summary: "Walks through the keys of the database, some at each call.",
  since: "2.8.0",
  group: "generic",
  complexity: "O(1) for a call, O(N) for all calls that a walk through N keys takes.",
  flags: ["readonly"],
  tips: ["nondeterministic_output", "request_policy:special", "response_policy:special"],
  history: [["6.0.0", "`TYPE` came in."]],
  words: [
    integer("cursor"),
    optional(pattern("pattern", { token: "MATCH" })),
    optional(integer("count", { token: "COUNT" })),
    optional(string("type", { token: "TYPE", since: "6.0.0" })),
  ],

  run({ args, options, db, reply, engine }) {
    engine.propagation.separate();
    const cursor = cursorArgument(args, 1);
    const count = scanCount(args, options.count);
    const filter = {
      args,
      pattern: options.pattern === 0 ? 0 : patternIndex(args, options.pattern),
      type: options.type === 0 ? -1 : typeArgument(args, options.type),
    };
    const found: Ref[] = [];
    const next = scanKeys(db, cursor, count, filter, found);
    const { arena } = db.keyspace;
    reply.array(2);
    reply.bulkInteger(next);
    reply.array(found.length);
    for (const ref of found) {
      reply.bulk(arena.bytes[ref >>> 16], keyOffset(arena, ref), keyLength(arena, ref));
    }
  },
});

function typeArgument(args: Slices, index: number): number {
  const name = args.latin1(index);
  const type = typeNames.indexOf(name.toLowerCase());
  if (type < 0 || name === "") throw new Failure(`ERR unknown type name '${name}'`);
  return type;
}
