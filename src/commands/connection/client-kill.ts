import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument, rangeArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import type { Session } from "../../engine/session.ts";
import { integer, many, oneOf, optional, string, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import type { ClientType } from "../../engine/client-description.ts";
import { clientTypeOf, findClientType } from "../../engine/client-description.ts";

const noSuchClient = new Failure("ERR No such client");
const invalidId = new Failure("ERR client-id should be greater than 0");
const invalidMaxAge = new Failure("ERR maxage is not an integer or out of range");
const maxAgeNotPositive = new Failure("ERR maxage should be greater than 0");
const yes = asciiBytes("yes");
const no = asciiBytes("no");

/** Which clients to close: those that match all that is given. */
interface Filter {
  id: number;
  address: string | undefined;
  localAddress: string | undefined;
  type: ClientType | undefined;
  user: string | undefined;
  maxAgeSeconds: number;
  skipsMe: boolean;
}

const filterParsers: Record<string, (filter: Filter, args: Slices, value: number) => void> = {
  id(filter, args, value) {
    filter.id = rangeArgument(args, value, 1, Infinity, invalidId);
  },
  addr(filter, args, value) {
    filter.address = args.latin1(value);
  },
  laddr(filter, args, value) {
    filter.localAddress = args.latin1(value);
  },
  type(filter, args, value) {
    filter.type = clientTypeArgument(args, value);
  },
  user(filter, args, value) {
    filter.user = args.latin1(value);
  },
  maxage(filter, args, value) {
    filter.maxAgeSeconds = integerArgument(args, value, invalidMaxAge);
    if (filter.maxAgeSeconds <= 0) throw maxAgeNotPositive;
  },
  skipme(filter, args, value) {
    filter.skipsMe = isArgument(args, value, yes);
    if (!filter.skipsMe && !isArgument(args, value, no)) throw syntaxError;
  },
};

/** A client type, or Redis's error for a name that is none. */
export function clientTypeArgument(args: Slices, index: number): ClientType {
  const name = args.latin1(index);
  const type = findClientType(name);
  if (type === undefined) throw new Failure(`ERR Unknown client type '${name}'`);
  return type;
}

function parseFilter(args: Slices): Filter {
  const filter: Filter = {
    id: 0,
    address: undefined,
    localAddress: undefined,
    type: undefined,
    user: undefined,
    maxAgeSeconds: 0,
    skipsMe: true,
  };
  if (args.count === 3) return { ...filter, address: args.latin1(2), skipsMe: false };
  for (let index = 2; index < args.count; index += 2) {
    const name = args.latin1(index).toLowerCase();
    if (!Object.hasOwn(filterParsers, name) || index + 1 >= args.count) throw syntaxError;
    filterParsers[name](filter, args, index + 1);
  }
  return filter;
}

function isMatch(filter: Filter, session: Session, nowMs: number): boolean {
  const { link } = session;
  if (filter.address !== undefined && link.remoteAddress !== filter.address) return false;
  if (filter.localAddress !== undefined && link.localAddress !== filter.localAddress) return false;
  if (filter.type !== undefined && clientTypeOf(session) !== filter.type) return false;
  if (filter.id !== 0 && session.id !== filter.id) return false;
  if (filter.user !== undefined && session.userName !== filter.user) return false;
  const ageSeconds = Math.floor((nowMs - session.createdMs) / 1000);
  return filter.maxAgeSeconds === 0 || ageSeconds >= filter.maxAgeSeconds;
}

export const clientKill = command({
  name: "KILL",
  summary: "Closes connections: one by its address, or all that match the filters.",
  since: "2.4.0",
  group: "connection",
  complexity: "O(N) where N is the number of client connections",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
  history: [
    ["2.8.12", "Filters beside the plain address."],
    ["2.8.12", "The filter `ID`."],
    ["3.2.0", "The type `master`."],
    ["5.0.0", "The type `replica`; `slave` means the same."],
    ["6.2.0", "The filter `LADDR`."],
    ["7.4.0", "The filter `MAXAGE`."],
  ],
  words: [
    oneOf("filter", [
      string("old-format", { deprecatedSince: "2.8.12", display: "ip:port" }),
      many(
        oneOf("new-format", [
          optional(integer("client-id", { token: "ID", since: "2.8.12" })),
          optional(
            oneOf(
              "client-type",
              [
                token("normal", { token: "normal" }),
                token("master", { token: "master", since: "3.2.0" }),
                token("slave", { token: "slave" }),
                token("replica", { token: "replica", since: "5.0.0" }),
                token("pubsub", { token: "pubsub" }),
              ],
              { token: "TYPE", since: "2.8.12" },
            ),
          ),
          optional(string("username", { token: "USER" })),
          optional(string("addr", { token: "ADDR", display: "ip:port" })),
          optional(string("laddr", { token: "LADDR", since: "6.2.0", display: "ip:port" })),
          optional(oneOf("skipme", [token("yes"), token("no")], { token: "SKIPME" })),
          optional(integer("maxage", { token: "MAXAGE", since: "7.4.0" })),
        ]),
      ),
    ]),
  ],
  arity: -3,
  optionsAt: 0,

  run({ args, reply, session, engine }) {
    const filter = parseFilter(args);
    const { user } = filter;
    if (user !== undefined && engine.access.find(user) === undefined) {
      throw new Failure(`ERR No such user '${user}'`);
    }
    let count = 0;
    for (const each of engine.sessions.values()) {
      if (!isMatch(filter, each, engine.keyspace.nowMs)) continue;
      if (each === session && filter.skipsMe) continue;
      count++;
      if (each === session) session.link.closeAfterReply();
      else each.link.close();
    }
    if (args.count > 3) reply.integer(count);
    else if (count === 0) throw noSuchClient;
    else reply.ok();
  },
});
