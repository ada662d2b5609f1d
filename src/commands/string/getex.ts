import { command } from "../../engine/command.ts";
import { integer, key, oneOf, optional, token, unixTime } from "../../engine/word.ts";
import { expireKey, expiryCondition, persistKey } from "../../keyspace/expiry.ts";
import { readString } from "../../keyspace/string.ts";
import { propagateTime } from "./expiry-propagation.ts";
import { expiryOption } from "./expiry-option.ts";

export const getex = command({
  name: "GETEX",
  summary: "Replies with the string that a key holds and may change when the key expires.",
  since: "6.2.0",
  group: "string",
  complexity: "O(1)",
  flags: ["write", "fast"],
  words: [
    key("key", "RW access update"),
    optional(
      oneOf("expiration", [
        integer("seconds", { token: "EX" }),
        integer("milliseconds", { token: "PX" }),
        unixTime("unix-time-seconds", { token: "EXAT" }),
        unixTime("unix-time-milliseconds", { token: "PXAT" }),
        token("persist"),
      ]),
    ),
  ],

  run({ args, options, db, reply, engine }) {
    const { nowMs, value } = db.keyspace;
    if (!readString(db, args, 1, value)) {
      reply.nil();
      return;
    }
    const expiryMs = expiryOption(args, options, nowMs, "getex");
    reply.bulk(value.bytes, value.offset, value.length);
    if (expiryMs >= 0) {
      expireKey(db, args, 1, expiryMs, expiryCondition.always);
      propagateTime(engine, db, args, expiryMs, args.count);
    } else if (options.persist !== 0 && persistKey(db, args, 1)) {
      engine.propagation.begin(db, 2).text("PERSIST").argument(args, 1);
    }
  },
});
