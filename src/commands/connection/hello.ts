import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { wrongPassword } from "../../engine/failures.ts";
import { block, integer, optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { clientNameArgument } from "./client-name.ts";

const notVersion = new Failure("ERR Protocol version is not an integer or out of range");
const noProtocol = new Failure("NOPROTO unsupported protocol version");
const notAuthenticated = new Failure(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " +
    "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the " +
    "RESP protocol version at the same time",
);
const authWord = asciiBytes("auth");
const setNameWord = asciiBytes("setname");

interface Greeting {
  /** Index of the user name, the password behind it; 0 when absent. */
  user: number;
  name: string | undefined;
}

/** HELLO's own error texts keep it from using the option parser. */
function parseGreeting(args: Slices): Greeting {
  const greeting: Greeting = { user: 0, name: undefined };
  let index = 2;
  while (index < args.count) {
    const left = args.count - index - 1;
    if (isArgument(args, index, authWord) && left >= 2) {
      greeting.user = index + 1;
      index += 3;
    } else if (isArgument(args, index, setNameWord) && left >= 1) {
      greeting.name = clientNameArgument(args, index + 1);
      index += 2;
    } else {
      throw new Failure(`ERR Syntax error in HELLO option '${args.latin1(index)}'`);
    }
  }
  return greeting;
}

/** Where user name and password stand, also when the rest of the request makes no sense. */
function credentialsOf(args: Slices): number[] {
  for (let index = 2; index + 2 < args.count; index++) {
    if (isArgument(args, index, authWord)) return [index + 1, index + 2];
    if (isArgument(args, index, setNameWord)) index++;
  }
  return [];
}

export const hello = command({
  name: "HELLO",
  summary: "Chooses the protocol's version, and may name and authenticate the client.",
  since: "6.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "sentinel", "allow_busy"],
  history: [["6.2.0", "Without arguments it only reports."]],
  words: [
    optional(
      block("arguments", [
        integer("protover"),
        optional(block("auth", [string("username"), string("password")], { token: "AUTH" })),
        optional(string("clientname", { token: "SETNAME" })),
      ]),
    ),
  ],
  optionsAt: 0,
  secretArguments: credentialsOf,

  run({ args, reply, session, engine }) {
    const version = args.count > 1 ? integerArgument(args, 1, notVersion) : session.protocol;
    if (version < 2 || version > 3) throw noProtocol;
    const { user, name } = parseGreeting(args);
    if (user > 0) {
      const login = { name: args.latin1(user), password: args.copy(user + 1) };
      const isKnown = engine.access.authenticate(session, { ...login, verb: args.latin1(0) });
      if (!isKnown) throw wrongPassword;
    }
    if (!session.isAuthenticated) throw notAuthenticated;
    if (name !== undefined) session.name = name;
    session.protocol = version;
    reply.protocol = version;
    reply.map(7);
    reply.bulkLatin1("server");
    reply.bulkLatin1("redis");
    reply.bulkLatin1("version");
    reply.bulkLatin1(engine.host.redisVersion);
    reply.bulkLatin1("proto");
    reply.integer(version);
    reply.bulkLatin1("id");
    reply.integer(session.id);
    reply.bulkLatin1("mode");
    reply.bulkLatin1("standalone");
    reply.bulkLatin1("role");
    reply.bulkLatin1("master");
    reply.bulkLatin1("modules");
    reply.array(0);
  },
});
