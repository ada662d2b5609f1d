import { Slice } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { readField, readFields } from "../../keyspace/hash.ts";
import { ValueReply } from "./value-reply.ts";

const value = new Slice();

export const hget = command({
  name: "HGET",
  summary: "Replies with the value of a field.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), string("field")],

  run({ args, db, reply }) {
    if (readField(db, args, 1, 2, value)) reply.bulk(value.bytes, value.offset, value.length);
    else reply.nil();
  },
});

const replies = new ValueReply();

export const hmget = command({
  name: "HMGET",
  summary: "Replies with the values of several fields.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), many(string("field"))],

  run({ args, db, reply }) {
    replies.to = reply;
    reply.array(args.count - 2);
    readFields(db, args, 1, 2, value, replies);
  },
});

export const hstrlen = command({
  name: "HSTRLEN",
  summary: "Tells how many bytes the value of a field has.",
  since: "3.2.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO"), string("field")],

  run({ args, db, reply }) {
    reply.integer(readField(db, args, 1, 2, value) ? value.length : 0);
  },
});

export const hexists = command({
  name: "HEXISTS",
  summary: "Tells whether a hash has a field.",
  since: "2.0.0",
  group: "hash",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO"), string("field")],

  run({ args, db, reply }) {
    reply.integer(readField(db, args, 1, 2, value) ? 1 : 0);
  },
});
