import { positiveArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, key, optional } from "../../engine/word.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetCount } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";
import type { ZsetEnd } from "./pop-reply.ts";
import { popMembers } from "./pop-reply.ts";

export const zpopmin = command({
  name: "ZPOPMIN",
  summary: "Takes the members with the lowest scores out of a sorted set, one or as many as asked.",
  since: "5.0.0",
  group: "sorted-set",
  complexity: "O(M*log(N)) for M of N members.",
  flags: ["write", "fast"],
  words: [key("key", "RW access delete"), optional(integer("count"))],

  run(context) {
    pop(context, "min");
  },
});

export const zpopmax = command({
  name: "ZPOPMAX",
  summary:
    "Takes the members with the highest scores out of a sorted set, one or as many as asked.",
  since: "5.0.0",
  group: "sorted-set",
  complexity: "O(M*log(N)) for M of N members.",
  flags: ["write", "fast"],
  words: [key("key", "RW access delete"), optional(integer("count"))],

  run(context) {
    pop(context, "max");
  },
});

function pop({ args, db, reply }: Context, end: ZsetEnd): void {
  if (args.count > 3) throw syntaxError;
  const isCounted = args.count === 3;
  const asked = isCounted ? positiveArgument(args, 2) : 1;
  const ref = db.writeOfType(args, 1, recordType.zset);
  const count = ref === noRef ? 0 : Math.min(asked, zsetCount(db.keyspace, ref));
  // Several members are pairs in RESP3; a single one that was not counted is flat in both.
  const arePairs = isCounted && reply.protocol !== 2;
  reply.array(arePairs ? count : count * 2);
  if (count > 0) popMembers(reply, db, args, 1, ref, end, count, arePairs ? "pairs" : "flat");
}
