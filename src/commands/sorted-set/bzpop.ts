import { timeoutArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { double, key, many } from "../../engine/word.ts";
import type { ZsetEnd } from "./pop-reply.ts";
import { popMembers, popOrWait } from "./pop-reply.ts";

export const bzpopmin = command({
  name: "BZPOPMIN",
  summary: "Takes the member with the lowest score out of the first of several sets, or waits.",
  since: "5.0.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["write", "fast", "blocking"],
  history: [["6.0.0", "Fractions of seconds as `timeout`."]],
  words: [many(key("key", "RW access delete")), double("timeout")],

  run(context) {
    popOne(context, "min");
  },
});

export const bzpopmax = command({
  name: "BZPOPMAX",
  summary: "Takes the member with the highest score out of the first of several sets, or waits.",
  since: "5.0.0",
  group: "sorted-set",
  complexity: "O(log(N))",
  flags: ["write", "fast", "blocking"],
  history: [["6.0.0", "Fractions of seconds as `timeout`."]],
  words: [many(key("key", "RW access delete")), double("timeout")],

  run(context) {
    popOne(context, "max");
  },
});

function popOne(context: Context, end: ZsetEnd): void {
  const keysEnd = context.args.count - 1;
  const timeoutMs = timeoutArgument(context.args, keysEnd);
  popOrWait(context, { firstKey: 1, keysEnd }, timeoutMs, (now, index, ref) => {
    const { args, db, reply, engine } = now;
    reply.array(3);
    reply.bulk(args.bytes, args.offsets[index], args.lengths[index]);
    popMembers(reply, db, args, index, ref, end, 1, "flat");
    const name = end === "min" ? "ZPOPMIN" : "ZPOPMAX";
    engine.propagation.begin(db, 2).text(name).argument(args, index);
  });
}
