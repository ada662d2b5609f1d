import { command } from "../../engine/command.ts";
import { Failure } from "../../keyspace/failure.ts";

const denied = new Failure("ERR MONITOR isn't allowed for DENY BLOCKING client");

export const monitor = command({
  name: "MONITOR",
  summary: "Shows every command that the server runs from now on, as it runs.",
  since: "1.0.0",
  group: "server",
  complexity: "",
  flags: ["admin", "noscript", "loading", "stale"],
  words: [],

  run({ reply, session, engine }) {
    if (engine.isInTransaction) throw denied;
    // Who watches already gets no reply at all, as in Redis.
    if (engine.monitors.has(session)) return;
    engine.monitors.add(session);
    reply.ok();
  },
});
