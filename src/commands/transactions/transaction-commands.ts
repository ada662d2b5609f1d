// The group `transactions`: MULTI, EXEC, DISCARD, WATCH, UNWATCH.
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { transactionSpoilt } from "../../engine/failures.ts";
import { sessionGate } from "../../engine/gate.ts";
import { discardTransaction } from "../../engine/transaction.ts";
import { key, many } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const nested = new Failure("ERR MULTI calls can not be nested");
const execWithoutMulti = new Failure("ERR EXEC without MULTI");
const discardWithoutMulti = new Failure("ERR DISCARD without MULTI");
const watchInside = new Failure("ERR WATCH inside MULTI is not allowed");

const multi = command({
  name: "MULTI",
  summary: "Begins a transaction: what follows is queued until EXEC.",
  since: "1.2.0",
  group: "transactions",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  words: [],
  isNeverQueued: true,

  run({ reply, session, engine }) {
    if (session.transaction !== undefined) throw nested;
    session.transaction = engine.transactions.begin();
    session.gates |= sessionGate.multi;
    reply.ok();
  },
});

const exec = command({
  name: "EXEC",
  summary: "Runs what the transaction has queued, with nothing of anybody else in between.",
  since: "1.2.0",
  group: "transactions",
  complexity: "Depends on commands in the transaction",
  flags: ["noscript", "loading", "stale", "skip_slowlog"],
  words: [],
  isNeverQueued: true,
  runsTransaction: true,

  run({ reply, session, engine }) {
    const { transaction } = session;
    if (transaction === undefined) throw execWithoutMulti;
    const isBroken = engine.watches.isBroken(session);
    discardTransaction(engine, session);
    if (transaction.isSpoilt) throw transactionSpoilt;
    if (isBroken) reply.nilArray();
    else engine.runTransaction(session, transaction);
    engine.transactions.end(transaction);
  },
});

const discard = command({
  name: "DISCARD",
  summary: "Drops the transaction with all that is queued.",
  since: "2.0.0",
  group: "transactions",
  complexity: "O(N), when N is the number of queued commands",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  words: [],
  isNeverQueued: true,

  run({ reply, session, engine }) {
    const { transaction } = session;
    if (transaction === undefined) throw discardWithoutMulti;
    discardTransaction(engine, session);
    engine.transactions.end(transaction);
    reply.ok();
  },
});

const watch = command({
  name: "WATCH",
  summary: "Lets the next EXEC do nothing if one of the keys changes before.",
  since: "2.2.0",
  group: "transactions",
  complexity: "O(1) for every key.",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  words: [many(key("key", "RO"))],
  isNeverQueued: true,

  run({ args, reply, session, engine }) {
    if (session.transaction !== undefined) throw watchInside;
    // A watch that is broken already stays so, whatever else is watched.
    if (!session.isWatchBroken) {
      for (let index = 1; index < args.count; index++) engine.watches.add(session, args, index);
    }
    reply.ok();
  },
});

const unwatch = command({
  name: "UNWATCH",
  summary: "Watches no key any more.",
  since: "2.2.0",
  group: "transactions",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  words: [],

  run({ reply, session, engine }) {
    engine.watches.clear(session);
    reply.ok();
  },
});

export const transactionCommands: readonly CommandDeclaration[] = [
  multi,
  exec,
  discard,
  watch,
  unwatch,
];
