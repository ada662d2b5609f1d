import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { TrimRequest, trimOne } from "../../keyspace/stream.ts";
import { propagateTrim } from "./trim-propagation.ts";
import { parseTrim, referenceWords, trimWords } from "./trim-options.ts";

const request = new TrimRequest();

export const xtrim = command({
  name: "XTRIM",
  summary: "Removes the oldest entries of a stream: down to a length, or up to an ID.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(N) for N removed entries; most go by the node.",
  flags: ["write"],
  tips: ["nondeterministic_output"],
  history: [
    ["6.2.0", "`MINID` and `LIMIT` came in."],
    ["8.2.0", "`KEEPREF`, `DELREF` and `ACKED` came in."],
  ],
  words: [key("key", "RW delete"), trimWords(), referenceWords()],
  optionsAt: 0,

  run({ args, db, reply, engine, session }) {
    parseTrim(args, request, session, db.keyspace.limits.streamNodeMaxEntries);
    const removed = trimOne(db, args, 1, request);
    if (removed > 0) propagateTrim(engine, db, args, request);
    reply.integer(removed);
  },
});
