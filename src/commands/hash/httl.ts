import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { key } from "../../engine/word.ts";
import { fieldOutcome, persistFields, readFieldTimes } from "../../keyspace/hash-expire.ts";
import { propagateFields } from "./field-propagation.ts";
import { countNotPositive, fieldsArgument, fieldsWords } from "./field-arguments.ts";

export const httl = command({
  name: "HTTL",
  summary: "Tells in how many seconds fields expire; -1: never, -2: there is no such field.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO access"), fieldsWords],
  optionsAt: 0,

  run(context) {
    replyTimes(context, 1000, context.db.keyspace.nowMs);
  },
});

export const hpttl = command({
  name: "HPTTL",
  summary: "Tells in how many milliseconds fields expire; -1: never, -2: there is no such field.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO access"), fieldsWords],
  optionsAt: 0,

  run(context) {
    replyTimes(context, 1, context.db.keyspace.nowMs);
  },
});

export const hexpiretime = command({
  name: "HEXPIRETIME",
  summary: "Tells the Unix time in seconds at which fields expire; -1: never, -2: no such field.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), fieldsWords],
  optionsAt: 0,

  run(context) {
    replyTimes(context, 1000, 0);
  },
});

export const hpexpiretime = command({
  name: "HPEXPIRETIME",
  summary:
    "Tells the Unix time in milliseconds at which fields expire; -1: never, -2: no such field.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), fieldsWords],
  optionsAt: 0,

  run(context) {
    replyTimes(context, 1, 0);
  },
});

/** Replies with each field's time after `baseMs`, in units of `unitMs`, rounded up. */
function replyTimes({ args, db, reply }: Context, unitMs: number, baseMs: number): void {
  const first = fieldsArgument(args, 2, countNotPositive);
  reply.array(args.count - first);
  readFieldTimes(db, args, 1, first, (time) => {
    reply.integer(time < 0 ? time : Math.ceil((time - baseMs) / unitMs));
  });
}

export const hpersist = command({
  name: "HPERSIST",
  summary: "Makes fields of a hash not expire any more.",
  since: "7.4.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "fast"],
  words: [key("key", "RW update"), fieldsWords],
  optionsAt: 0,

  run({ args, db, reply, engine }) {
    const first = fieldsArgument(args, 2, countNotPositive);
    reply.array(args.count - first);
    const persisted: number[] = [];
    let field = first;
    persistFields(db, args, 1, first, (code) => {
      reply.integer(code);
      if (code === fieldOutcome.done) persisted.push(field);
      field++;
    });
    if (persisted.length === 0) return;
    // Redis differs: it propagates all fields, among them those that are over their time but still
    // there. A copy that goes by a clock of its own, or by none, would keep them.
    const { propagation } = engine;
    propagation
      .begin(db, 4 + persisted.length)
      .text("HPERSIST")
      .argument(args, 1);
    propagateFields(propagation, args, persisted);
  },
});
