import { command } from "../../engine/command.ts";
import { key, many, string } from "../../engine/word.ts";
import { pushElements, pushToExisting } from "../../keyspace/list.ts";

const complexity = "O(N) for N elements.";

export const lpush = command({
  name: "LPUSH",
  summary: "Puts elements in front of a list, one after the other, creating it when there is none.",
  since: "1.0.0",
  group: "list",
  complexity,
  flags: ["write", "denyoom", "fast"],
  history: [["2.4.0", "Several elements at once."]],
  words: [key("key", "RW insert"), many(string("element"))],

  run({ args, db, reply }) {
    reply.integer(pushElements(db, args, 1, 2, "first"));
  },
});

export const rpush = command({
  name: "RPUSH",
  summary: "Puts elements at the end of a list, creating it when there is none.",
  since: "1.0.0",
  group: "list",
  complexity,
  flags: ["write", "denyoom", "fast"],
  history: [["2.4.0", "Several elements at once."]],
  words: [key("key", "RW insert"), many(string("element"))],

  run({ args, db, reply }) {
    reply.integer(pushElements(db, args, 1, 2, "last"));
  },
});

export const lpushx = command({
  name: "LPUSHX",
  summary: "Puts elements in front of a list, if there is one.",
  since: "2.2.0",
  group: "list",
  complexity,
  flags: ["write", "denyoom", "fast"],
  history: [["4.0.0", "Several elements at once."]],
  words: [key("key", "RW insert"), many(string("element"))],

  run({ args, db, reply }) {
    reply.integer(pushToExisting(db, args, 1, 2, "first"));
  },
});

export const rpushx = command({
  name: "RPUSHX",
  summary: "Puts elements at the end of a list, if there is one.",
  since: "2.2.0",
  group: "list",
  complexity,
  flags: ["write", "denyoom", "fast"],
  history: [["4.0.0", "Several elements at once."]],
  words: [key("key", "RW insert"), many(string("element"))],

  run({ args, db, reply }) {
    reply.integer(pushToExisting(db, args, 1, 2, "last"));
  },
});
