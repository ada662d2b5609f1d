import { command } from "../../engine/command.ts";
import { key, many, optional, string } from "../../engine/word.ts";
import {
  addElements,
  countElements,
  countUnion,
  mergeElements,
} from "../../keyspace/hyperloglog.ts";

export const pfadd = command({
  name: "PFADD",
  summary: "Adds elements to a HyperLogLog, making it when there is none.",
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "O(1) for each element.",
  flags: ["write", "denyoom", "fast"],
  words: [key("key", "RW insert"), optional(many(string("element")))],

  run({ args, db, reply }) {
    reply.integer(addElements(db, args, 1) ? 1 : 0);
  },
});

export const pfcount = command({
  name: "PFCOUNT",
  summary:
    "Estimates how many different elements were added to one HyperLogLog, or to any of many.",
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "O(1) for one key, whose estimate is remembered; O(N) for N keys.",
  flags: ["readonly", "may_replicate"],
  words: [many(key("key", "RW access"))],

  run({ args, db, reply }) {
    reply.integer(args.count === 2 ? countElements(db, args, 1) : countUnion(db, args, 1));
  },
});

export const pfmerge = command({
  name: "PFMERGE",
  summary: "Adds to a HyperLogLog all that was added to others.",
  since: "2.8.9",
  group: "hyperloglog",
  complexity: "O(N) for N HyperLogLogs.",
  flags: ["write", "denyoom"],
  words: [key("destkey", "RW access insert"), optional(many(key("sourcekey", "RO access")))],

  run({ args, db, reply }) {
    mergeElements(db, args, 1);
    reply.ok();
  },
});
