import { command } from "../../engine/command.ts";
import type { KeySpec } from "../../engine/syntax.ts";
import { block, integer, key, many, optional, string, token } from "../../engine/word.ts";
import { readStreams } from "./stream-read.ts";

const streams = block("streams", [many(key("key", "RO access")), many(string("ID"))], {
  token: "STREAMS",
});

/** The keys are the first half of what follows STREAMS. */
function keysAfterStreams(startFrom: number): KeySpec {
  return {
    flags: ["RO", "ACCESS"],
    begin: { keyword: "STREAMS", startFrom },
    find: { lastKey: -1, step: 1, limit: 2 },
  };
}

export const xread = command({
  name: "XREAD",
  summary: "Reads the entries of several streams after given IDs; waits when there are none.",
  since: "5.0.0",
  group: "stream",
  complexity: "",
  flags: ["blocking", "readonly"],
  words: [
    optional(integer("count", { token: "COUNT" })),
    optional(integer("milliseconds", { token: "BLOCK" })),
    streams,
  ],
  keySpecs: [keysAfterStreams(1)],
  optionsAt: 0,

  run(context) {
    readStreams(context, false);
  },
});

export const xreadgroup = command({
  name: "XREADGROUP",
  summary:
    "Reads entries as a consumer of a group: new ones, which the consumer is to acknowledge, or " +
    "again those that it has yet to. Waits when there are none.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(M) for M entries of each stream; whoever adds an entry serves those who wait.",
  flags: ["blocking", "write"],
  words: [
    block("group-block", [string("group"), string("consumer")], { token: "GROUP" }),
    optional(integer("count", { token: "COUNT" })),
    optional(integer("milliseconds", { token: "BLOCK" })),
    optional(token("noack")),
    streams,
  ],
  keySpecs: [keysAfterStreams(4)],
  optionsAt: 0,

  run(context) {
    readStreams(context, true);
  },
});
