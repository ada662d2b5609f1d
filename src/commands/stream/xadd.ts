import { command } from "../../engine/command.ts";
import { block, key, many, oneOf, optional, string, token } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { AddRequest, addToStream } from "../../keyspace/stream.ts";
import { isZeroId, parsedId } from "../../structures/stream-id.ts";
import { replyId } from "./stream-reply.ts";
import { propagateAdd } from "./trim-propagation.ts";
import { parseAdd, referenceWords, trimWords } from "./trim-options.ts";

const zeroIdGiven = new Failure("ERR The ID specified in XADD must be greater than 0-0");
const request = new AddRequest();

export const xadd = command({
  name: "XADD",
  summary: "Adds an entry to a stream, making the stream when there is none.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1); O(N) when N entries are trimmed away.",
  flags: ["write", "denyoom", "fast"],
  tips: ["nondeterministic_output"],
  history: [
    ["6.2.0", "`NOMKSTREAM`, `MINID` and `LIMIT` came in."],
    ["7.0.0", "IDs of the form `<ms>-*` came in."],
    ["8.2.0", "`KEEPREF`, `DELREF` and `ACKED` came in."],
  ],
  words: [
    key("key", "RW update"),
    optional(token("nomkstream", { since: "6.2.0" })),
    referenceWords(),
    optional(trimWords()),
    oneOf("id-selector", [token("auto-id", { token: "*" }), string("id")]),
    many(block("data", [string("field"), string("value")])),
  ],
  optionsAt: 0,

  run({ args, db, reply, engine, session }) {
    parseAdd(args, request, session, db.keyspace.limits.streamNodeMaxEntries);
    const left = args.count - request.firstField;
    if (left < 2 || left % 2 === 1) throw engine.wrongArity();
    if (request.given === parsedId.full && isZeroId(request.id)) throw zeroIdGiven;
    if (!addToStream(db, args, 1, request)) {
      reply.nil();
      return;
    }
    replyId(reply, request.id);
    if (engine.propagation.isOn) propagateAdd(engine, db, args, request);
  },
});
