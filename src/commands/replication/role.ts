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
