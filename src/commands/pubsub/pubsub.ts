// PUBSUB: who listens to what.
import { globMatches } from "../../bytes/glob.ts";
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import type { SubscriptionKind } from "../../engine/pubsub.ts";
import { many, optional, pattern, string } from "../../engine/word.ts";
import { asciiBytes } from "../../bytes/ascii.ts";

function replyNames({ args, reply, engine }: Context, kind: SubscriptionKind): void {
  if (args.count > 3) throw engine.wrongArity();
  const names = [...engine.pubsub.names(kind)].filter((name) => {
    if (args.count < 3) return true;
    const bytes = asciiBytes(name);
    const { offsets, lengths } = args;
    return globMatches(args.bytes, offsets[2], lengths[2], bytes, 0, bytes.length, 0);
  });
  reply.array(names.length);
  for (const name of names) reply.bulkLatin1(name);
}

function replyCounts({ args, reply, engine }: Context, kind: SubscriptionKind): void {
  reply.array((args.count - 2) * 2);
  for (let index = 2; index < args.count; index++) {
    const name = args.latin1(index);
    reply.bulkLatin1(name);
    reply.integer(engine.pubsub.listenerCount(kind, name));
  }
}

const channels = command({
  name: "CHANNELS",
  summary: "Lists the channels that somebody listens to, other than by a pattern.",
  since: "2.8.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of channels that somebody listens to",
  flags: ["pubsub", "loading", "stale"],
  words: [optional(pattern("pattern"))],
  run: (context) => replyNames(context, "channel"),
});

const numPat = command({
  name: "NUMPAT",
  summary: "Counts the different patterns that clients listen by.",
  since: "2.8.0",
  group: "pubsub",
  complexity: "O(1)",
  flags: ["pubsub", "loading", "stale"],
  words: [],
  run: ({ reply, engine }) => reply.integer(engine.pubsub.topicCount("pattern")),
});

const numSub = command({
  name: "NUMSUB",
  summary: "Counts the listeners of each channel, those by patterns left out.",
  since: "2.8.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of requested channels",
  flags: ["pubsub", "loading", "stale"],
  words: [optional(many(string("channel")))],
  run: (context) => replyCounts(context, "channel"),
});

const shardChannels = command({
  name: "SHARDCHANNELS",
  summary: "Lists the shard channels that somebody listens to.",
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of shard channels that somebody listens to",
  flags: ["pubsub", "loading", "stale"],
  words: [optional(pattern("pattern"))],
  run: (context) => replyNames(context, "shard"),
});

const shardNumSub = command({
  name: "SHARDNUMSUB",
  summary: "Counts the listeners of each shard channel.",
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of requested shard channels",
  flags: ["pubsub", "loading", "stale"],
  words: [optional(many(string("shardchannel")))],
  run: (context) => replyCounts(context, "shard"),
});

export const pubsub: CommandDeclaration = command({
  name: "PUBSUB",
  summary: "Commands about channels and their listeners.",
  since: "2.8.0",
  group: "pubsub",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [channels, numPat, numSub, shardChannels, shardNumSub, help(() => pubsub, "6.2.0")],
});
