import { command } from "../../engine/command.ts";

export const time = command({
  name: "TIME",
  summary: "Tells the server's time: seconds since 1970, and microseconds.",
  since: "2.6.0",
  group: "server",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  tips: ["nondeterministic_output"],
  words: [],

  run({ reply, engine }) {
    // In a script, or between MULTI and EXEC, time stands still.
    const { keyspace, host } = engine;
    const nowMs = engine.isInTransaction ? keyspace.nowMs : host.clock.nowMs();
    reply.array(2);
    reply.bulkInteger(Math.floor(nowMs / 1000));
    reply.bulkInteger(Math.floor((nowMs % 1000) * 1000));
  },
});
