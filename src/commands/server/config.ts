import type { Slices } from "../../bytes/slices.ts";
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { help } from "../../engine/help.ts";
import { block, many, string } from "../../engine/word.ts";
import { engineGate } from "../../engine/gate.ts";
import { resetStatistics } from "../../engine/statistics-reset.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

/** Replies OK, or with the reason why not; a reason may come with an error code of its own. */
function failureOf(reason: string): Failure {
  return new Failure(
    /^[A-Z]+ /.test(reason) && !reason.startsWith("CONFIG ") ? reason : `ERR ${reason}`,
  );
}

function secretValues(args: Slices, { host }: Engine): number[] {
  const indexes: number[] = [];
  for (let index = 2; index + 1 < args.count; index += 2) {
    if (host.configuration.isSensitive(args.latin1(index))) indexes.push(index + 1);
  }
  return indexes;
}

const configGet = command({
  name: "GET",
  summary: "Replies with the parameters whose names match, and their values in force.",
  since: "2.0.0",
  group: "server",
  complexity: "O(N) when N is the number of configuration parameters provided",
  flags: ["admin", "noscript", "loading", "stale"],
  history: [["7.0.0", "Takes several patterns."]],
  words: [many(string("parameter"))],

  run({ args, reply, engine }) {
    const patterns: string[] = [];
    for (let index = 2; index < args.count; index++) patterns.push(args.latin1(index));
    const found = engine.host.configuration.get(patterns);
    reply.map(found.length);
    for (const [name, value] of found) {
      reply.bulkLatin1(name);
      reply.bulkLatin1(value);
    }
  },
});

const configSet = command({
  name: "SET",
  summary: "Changes parameters while the server runs: all that are given, or none.",
  since: "2.0.0",
  group: "server",
  complexity: "O(N) when N is the number of configuration parameters provided",
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  history: [["7.0.0", "Takes several parameters."]],
  words: [many(block("data", [string("parameter"), string("value")]))],
  secretArguments: secretValues,

  run({ args, reply, session, engine }) {
    if (args.count % 2 !== 0) throw syntaxError;
    const pairs: [string, string][] = [];
    for (let index = 2; index < args.count; index += 2) {
      pairs.push([args.latin1(index), args.latin1(index + 1)]);
    }
    const { isLocal } = session.link;
    const isLoading = (engine.gates & (engineGate.loading | engineGate.asyncLoading)) !== 0;
    const reason = engine.host.configuration.set(pairs, { isLocal, isLoading });
    if (reason !== undefined) throw failureOf(reason);
    reply.ok();
  },
});

const configResetStat = command({
  name: "RESETSTAT",
  summary: "Sets the statistics back to zero.",
  since: "2.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [],

  run({ reply, engine }) {
    resetStatistics(engine);
    reply.ok();
  },
});

const configRewrite = command({
  name: "REWRITE",
  summary: "Writes the parameters in force into the configuration file.",
  since: "2.8.0",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "noscript", "loading", "stale"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [],

  run({ reply, engine }) {
    const reason = engine.host.configuration.rewrite();
    if (reason !== undefined) throw failureOf(reason);
    reply.ok();
  },
});

export const config: CommandDeclaration = command({
  name: "CONFIG",
  summary: "Commands about the server's configuration.",
  since: "2.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [configGet, configSet, configResetStat, configRewrite, help(() => config, "5.0.0")],
});
