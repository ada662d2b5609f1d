// PSYNC and SYNC: a client becomes a replica. What it gets is no reply but the replication stream.
import { integerArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { integer, string } from "../../engine/word.ts";

/** Throws a Failure, and tells of it: replicas know better. */
function offsetArgument({ args, session, engine }: Context): number {
  try {
    return integerArgument(args, 2);
  } catch (error) {
    const { remoteAddress } = session.link;
    engine.host.log(
      "warning",
      `Replica ${remoteAddress} asks for synchronization but with a wrong offset`,
    );
    throw error;
  }
}

export const psync = command({
  name: "PSYNC",
  summary: "Makes the connection a replica's, which goes on from where its history ends if it can.",
  since: "2.8.0",
  group: "server",
  complexity: "",
  flags: ["no_async_loading", "admin", "no_multi", "noscript"],
  words: [string("replicationid"), integer("offset")],
  arity: -3,

  run(context) {
    const { args, session, engine } = context;
    const offset = offsetArgument(context);
    const isFailover = args.count > 3 && args.latin1(3).toLowerCase() === "failover";
    engine.host.replication.synchronize(session, { id: args.latin1(1), offset, isFailover });
  },
});

export const sync = command({
  name: "SYNC",
  summary: "Makes the connection that of a replica which has nothing yet.",
  since: "1.0.0",
  group: "server",
  complexity: "",
  flags: ["no_async_loading", "admin", "no_multi", "noscript"],
  words: [],

  run({ session, engine }) {
    engine.host.replication.synchronize(session, undefined);
  },
});
