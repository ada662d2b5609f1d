import { command } from "../../engine/command.ts";

export const role = command({
  name: "ROLE",
  summary: "Tells whether the server is a primary or a replica, and who follows whom how far.",
  since: "2.8.12",
  group: "server",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "sentinel"],
  categories: ["admin", "dangerous"],
  words: [],

  run({ reply, engine }) {
    const { primary } = engine.host.following;
    if (primary !== undefined) {
      reply.array(5);
      reply.bulkText("slave");
      reply.bulkText(primary.host);
      reply.integer(primary.port);
      reply.bulkText(primary.stateName);
      reply.integer(primary.offset);
      return;
    }
    const { offset, replicas } = engine.host.replication;
    const online = [...replicas].filter((each) => each.stateName === "online");
    reply.array(3);
    reply.bulkText("master");
    reply.integer(offset);
    reply.array(online.length);
    for (const { address, profile, ackOffset } of online) {
      reply.array(3);
      reply.bulkText(address);
      reply.bulkText(String(profile.listeningPort));
      reply.bulkText(String(ackOffset));
    }
  },
});
