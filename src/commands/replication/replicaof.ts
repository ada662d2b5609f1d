import { rangeArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { describeClient } from "../../engine/client-description.ts";
import { block, integer, oneOf, string, token } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";

const failingOver = new Failure("ERR REPLICAOF not allowed while failing over.");
const isReplicaItself = new Failure("ERR Command is not valid when client is a replica.");
const invalidPort = new Failure("ERR Invalid master port");
const portMax = 65535;

function run({ args, reply, session, engine }: Context): void {
  const { following } = engine.host;
  if (following.isFailingOver) throw failingOver;
  const host = args.latin1(1);
  const isNoOne = host.toLowerCase() === "no" && args.latin1(2).toLowerCase() === "one";
  if (isNoOne) {
    if (following.primary !== undefined) {
      following.stopFollowing();
      const client = describeClient(engine, session);
      engine.host.log("notice", `MASTER MODE enabled (user request from '${client}')`);
    }
    reply.ok();
    return;
  }
  if (session.replica !== undefined) throw isReplicaItself;
  const port = rangeArgument(args, 2, 0, portMax, invalidPort);
  const { primary } = following;
  if (primary?.host.toLowerCase() === host.toLowerCase() && primary.port === port) {
    engine.host.log(
      "notice",
      "REPLICAOF would result into synchronization with the master we are already connected " +
        "with. No operation performed.",
    );
    reply.simple("OK Already connected to specified master");
    return;
  }
  following.follow(host, port);
  const client = describeClient(engine, session);
  engine.host.log("notice", `REPLICAOF ${host}:${port} enabled (user request from '${client}')`);
  reply.ok();
}

const shared = {
  group: "server",
  complexity: "O(1)",
  flags: ["no_async_loading", "admin", "noscript", "stale"],
  words: [
    oneOf("args", [
      block("host-port", [string("host"), integer("port")]),
      block("no-one", [token("no"), token("one")]),
    ]),
  ],
  arity: 3,
  run,
} as const;

export const replicaOf = command({
  ...shared,
  name: "REPLICAOF",
  summary: "Makes the server a replica of another, or a primary.",
  since: "5.0.0",
});

export const slaveOf = command({
  ...shared,
  name: "SLAVEOF",
  summary: "Makes the server a replica of another, or a primary.",
  since: "1.0.0",
  deprecated: { since: "5.0.0", replacedBy: "`REPLICAOF`" },
});
