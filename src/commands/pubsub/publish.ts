// PUBLISH and SPUBLISH.
import { command } from "../../engine/command.ts";
import { target } from "../../engine/propagation.ts";
import { string } from "../../engine/word.ts";

export const publish = command({
  name: "PUBLISH",
  channels: "first",
  summary: "Sends a message to all who listen to the channel.",
  since: "2.0.0",
  group: "pubsub",
  complexity: "O(N+M) where N is the number of listeners and M the number of patterns",
  flags: ["pubsub", "loading", "stale", "fast", "may_replicate", "sentinel"],
  words: [string("channel"), string("message")],

  run({ args, reply, engine }) {
    engine.propagation.force(target.replicas);
    reply.integer(engine.pubsub.publish(args.copy(1), args.copy(2)));
  },
});

export const spublish = command({
  name: "SPUBLISH",
  channels: "first",
  summary: "Sends a message to all who listen to the shard channel.",
  since: "7.0.0",
  group: "pubsub",
  complexity: "O(N) where N is the number of listeners",
  flags: ["pubsub", "loading", "stale", "fast", "may_replicate"],
  words: [string("shardchannel"), string("message")],
  keySpecs: [{ flags: ["NOT_KEY"], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],

  run({ args, reply, engine }) {
    engine.propagation.force(target.replicas);
    reply.integer(engine.pubsub.publishToShard(args.copy(1), args.copy(2)));
  },
});
