// CLIENT LIST and CLIENT INFO.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Session } from "../../engine/session.ts";
import { integer, many, oneOf, optional, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { clientTypeOf, describeClient } from "../../engine/client-description.ts";
import { clientTypeArgument } from "./client-kill.ts";

const typeWord = asciiBytes("type");
const idWord = asciiBytes("id");
const invalidClientId = new Failure("ERR Invalid client ID");

function selectSessions(engine: Engine, args: Slices): Session[] {
  const sessions = [...engine.sessions.values()];
  if (args.count === 2) return sessions;
  if (args.count === 4 && isArgument(args, 2, typeWord)) {
    const type = clientTypeArgument(args, 3);
    return sessions.filter((each) => clientTypeOf(each) === type);
  }
  if (args.count < 4 || !isArgument(args, 2, idWord)) throw syntaxError;
  const found: Session[] = [];
  for (let index = 3; index < args.count; index++) {
    const session = engine.sessions.get(integerArgument(args, index, invalidClientId));
    if (session !== undefined) found.push(session);
  }
  return found;
}

export const clientList = command({
  name: "LIST",
  summary: "Lists the open connections, all or those of a type or with given ids.",
  since: "2.4.0",
  group: "connection",
  complexity: "O(N) where N is the number of client connections",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
  tips: ["nondeterministic_output"],
  history: [
    ["2.8.12", "The field `id`, which never comes twice."],
    ["5.0.0", "The filter `TYPE`."],
    ["6.0.0", "The field `user`."],
    ["6.2.0", "The fields `argv-mem`, `tot-mem`, `laddr` and `redir`, and the filter `ID`."],
    ["7.0.0", "The fields `resp`, `multi-mem`, `rbs` and `rbp`."],
    ["7.0.3", "The field `ssub`."],
  ],
  words: [
    optional(
      oneOf(
        "client-type",
        [
          token("normal", { token: "normal" }),
          token("master", { token: "master" }),
          token("replica", { token: "replica" }),
          token("pubsub", { token: "pubsub" }),
        ],
        { token: "TYPE", since: "5.0.0" },
      ),
    ),
    optional(many(integer("client-id", { token: "ID", since: "6.2.0" }))),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    const lines = selectSessions(engine, args).map((each) => `${describeClient(engine, each)}\n`);
    reply.verbatim("txt", lines.join(""));
  },
});

export const clientInfo = command({
  name: "INFO",
  summary: "Describes the connection itself, as one line of CLIENT LIST.",
  since: "6.2.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
  tips: ["nondeterministic_output"],
  words: [],

  run({ reply, session, engine }) {
    reply.verbatim("txt", `${describeClient(engine, session)}\n`);
  },
});
