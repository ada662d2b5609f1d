import { discardTransaction } from "../../engine/transaction.ts";
import { command } from "../../engine/command.ts";

export const reset = command({
  name: "RESET",
  summary: "Puts the connection back into the state of a new one.",
  since: "6.2.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  words: [],
  isNeverQueued: true,
  isForSubscribers: true,

  run({ reply, session, engine }) {
    discardTransaction(engine, session);
    engine.pubsub.forget(session);
    engine.monitors.forget(session);
    engine.tracking.disable(session);
    session.reset(engine.keyspace.databases[0]);
    engine.access.begin(session);
    // The reply is already one of the new state: RESP2, and not silenced.
    reply.protocol = session.protocol;
    reply.simple("RESET");
  },
});
