import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { HashCursor } from "../../keyspace/hash-cursor.ts";
import { openFields } from "../../keyspace/hash.ts";

const cursor = new HashCursor();

export const hgetall = command({
  name: "HGETALL",
  summary: "Replies with all fields of a hash and their values.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly"],
  costShows: true,
  tips: ["nondeterministic_output_order"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    const count = openFields(db, args, 1, cursor);
    reply.map(count);
    if (count === 0) return;
    const { field, value } = cursor;
    while (cursor.next()) {
      reply.bulk(field.bytes, field.offset, field.length);
      reply.bulk(value.bytes, value.offset, value.length);
    }
  },
});

export const hkeys = command({
  name: "HKEYS",
  summary: "Replies with the names of all fields of a hash.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly"],
  costShows: true,
  tips: ["nondeterministic_output_order"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    const count = openFields(db, args, 1, cursor);
    reply.array(count);
    if (count === 0) return;
    const { field } = cursor;
    while (cursor.next()) reply.bulk(field.bytes, field.offset, field.length);
  },
});

export const hvals = command({
  name: "HVALS",
  summary: "Replies with the values of all fields of a hash.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly"],
  costShows: true,
  tips: ["nondeterministic_output_order"],
  words: [key("key", "RO access")],

  run({ args, db, reply }) {
    const count = openFields(db, args, 1, cursor);
    reply.array(count);
    if (count === 0) return;
    const { value } = cursor;
    while (cursor.next()) reply.bulk(value.bytes, value.offset, value.length);
  },
});
