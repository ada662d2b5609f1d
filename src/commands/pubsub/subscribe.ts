// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their opposites: one reply for each name, a push in RESP3.
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { SubscriptionKind } from "../../engine/pubsub.ts";
import type { Session } from "../../engine/session.ts";
import { many, optional, pattern, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const deniedBlocking = new Failure("ERR SUBSCRIBE isn't allowed for a DENY BLOCKING client");

/** Shard channels are counted by themselves. */
function countOf(session: Session, kind: SubscriptionKind): number {
  const { subscriptions } = session;
  if (subscriptions === undefined) return 0;
  if (kind === "shard") return subscriptions.shard.size;
  return subscriptions.channel.size + subscriptions.pattern.size;
}

function replyChange(context: Context, verb: string, kind: SubscriptionKind, name?: string): void {
  const { reply, session } = context;
  reply.push(3);
  reply.bulkLatin1(verb);
  if (name === undefined) reply.nil();
  else reply.bulkLatin1(name);
  reply.integer(countOf(session, kind));
}

function subscribeAll(context: Context, verb: string, kind: SubscriptionKind): void {
  const { args, session, engine } = context;
  // Within EXEC a RESP2 client could not tell the messages from the replies.
  if (engine.isInTransaction && session.protocol === 2) throw deniedBlocking;
  for (let index = 1; index < args.count; index++) {
    const name = args.latin1(index);
    engine.pubsub.subscribe(session, kind, name);
    replyChange(context, verb, kind, name);
  }
}

function unsubscribeAll(context: Context, verb: string, kind: SubscriptionKind): void {
  const { args, session, engine } = context;
  const names: string[] = [];
  for (let index = 1; index < args.count; index++) names.push(args.latin1(index));
  if (names.length === 0) names.push(...(session.subscriptions?.[kind] ?? []));
  for (const name of names) {
    engine.pubsub.unsubscribe(session, kind, name);
    replyChange(context, verb, kind, name);
  }
  if (names.length === 0) replyChange(context, verb, kind);
}

const shared = {
  group: "pubsub",
  isForSubscribers: true,
  isMessaging: true,
} as const;

export const subscribe: CommandDeclaration = command({
  ...shared,
  name: "SUBSCRIBE",
  channels: "all",
  summary: "Listens to channels.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of channels to subscribe to.",
  flags: ["pubsub", "noscript", "loading", "stale", "sentinel"],
  words: [many(string("channel"))],
  run: (context) => subscribeAll(context, "subscribe", "channel"),
});

export const unsubscribe: CommandDeclaration = command({
  ...shared,
  name: "UNSUBSCRIBE",
  summary: "Stops listening to channels, or to all of them.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of channels to unsubscribe.",
  flags: ["pubsub", "noscript", "loading", "stale", "sentinel"],
  words: [optional(many(string("channel")))],
  run: (context) => unsubscribeAll(context, "unsubscribe", "channel"),
});

export const psubscribe: CommandDeclaration = command({
  ...shared,
  name: "PSUBSCRIBE",
  channels: "patterns",
  summary: "Listens to all channels whose names match the patterns.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of patterns to subscribe to.",
  flags: ["pubsub", "noscript", "loading", "stale", "sentinel"],
  words: [many(pattern("pattern"))],
  run: (context) => subscribeAll(context, "psubscribe", "pattern"),
});

export const punsubscribe: CommandDeclaration = command({
  ...shared,
  name: "PUNSUBSCRIBE",
  summary: "Stops listening by patterns, or by all of them.",
  since: "2.0.0",
  complexity: "O(N) where N is the number of patterns to unsubscribe.",
  flags: ["pubsub", "noscript", "loading", "stale", "sentinel"],
  words: [optional(many(pattern("pattern")))],
  run: (context) => unsubscribeAll(context, "punsubscribe", "pattern"),
});

const shardKey = {
  keySpecs: [{ flags: ["NOT_KEY"], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } }],
} as const;

export const ssubscribe: CommandDeclaration = command({
  ...shared,
  ...shardKey,
  name: "SSUBSCRIBE",
  channels: "all",
  summary: "Listens to shard channels.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of shard channels to subscribe to.",
  flags: ["pubsub", "noscript", "loading", "stale"],
  words: [many(string("shardchannel"))],
  run: (context) => subscribeAll(context, "ssubscribe", "shard"),
});

export const sunsubscribe: CommandDeclaration = command({
  ...shared,
  ...shardKey,
  name: "SUNSUBSCRIBE",
  summary: "Stops listening to shard channels, or to all of them.",
  since: "7.0.0",
  complexity: "O(N) where N is the number of shard channels to unsubscribe.",
  flags: ["pubsub", "noscript", "loading", "stale"],
  words: [optional(many(string("shardchannel")))],
  run: (context) => unsubscribeAll(context, "sunsubscribe", "shard"),
});
