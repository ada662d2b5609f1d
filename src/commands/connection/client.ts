// CLIENT: what a connection says of itself and asks about others. The larger subcommands have files
// of their own.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { integer, oneOf, optional, string, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { clientKill } from "./client-kill.ts";
import { clientInfo, clientList } from "./client-list.ts";
import { clientNameArgument, isClientAttribute } from "./client-name.ts";
import { clientPause, clientUnpause } from "./client-pause.ts";
import {
  clientCaching,
  clientGetRedir,
  clientTracking,
  clientTrackingInfo,
} from "./client-tracking.ts";

const on = asciiBytes("on");
const off = asciiBytes("off");
const skip = asciiBytes("skip");
const libName = asciiBytes("lib-name");
const timeoutWord = asciiBytes("timeout");
const errorWord = asciiBytes("error");
const invalidReason = new Failure("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
const unblocked = new Failure("UNBLOCKED client unblocked via CLIENT UNBLOCK");
const libVer = asciiBytes("lib-ver");

function switchArgument(args: Slices, index: number): boolean {
  if (isArgument(args, index, on)) return true;
  if (isArgument(args, index, off)) return false;
  throw syntaxError;
}

const clientId = command({
  name: "ID",
  summary: "Replies with the connection's id, which no other connection ever had.",
  since: "5.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
  words: [],

  run({ reply, session }) {
    reply.integer(session.id);
  },
});

const clientGetName = command({
  name: "GETNAME",
  summary: "Replies with the connection's name.",
  since: "2.6.9",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
  words: [],

  run({ reply, session }) {
    if (session.name === "") reply.nil();
    else reply.bulkLatin1(session.name);
  },
});

const clientSetName = command({
  name: "SETNAME",
  summary: "Gives the connection a name that CLIENT LIST shows.",
  since: "2.6.9",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [string("connection-name")],

  run({ args, reply, session }) {
    session.name = clientNameArgument(args, 2);
    reply.ok();
  },
});

const clientSetInfo = command({
  name: "SETINFO",
  summary: "Tells the name or the version of the client library.",
  since: "7.2.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  words: [
    oneOf("attr", [
      string("libname", { token: "lib-name" }),
      string("libver", { token: "lib-ver" }),
    ]),
  ],
  optionsAt: 0,

  run({ args, reply, session }) {
    const attribute = args.latin1(2);
    const isName = isArgument(args, 2, libName);
    if (!isName && !isArgument(args, 2, libVer)) {
      throw new Failure(`ERR Unrecognized option '${attribute}'`);
    }
    if (!isClientAttribute(args, 3)) {
      throw new Failure(`ERR ${attribute} cannot contain spaces, newlines or special characters.`);
    }
    if (isName) session.libraryName = args.latin1(3);
    else session.libraryVersion = args.latin1(3);
    reply.ok();
  },
});

const clientReply = command({
  name: "REPLY",
  summary: "Turns replies off, on again, or off for the next command.",
  since: "3.2.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
  words: [oneOf("action", [token("on"), token("off"), token("skip")])],
  optionsAt: 0,

  run({ args, reply, session }) {
    if (isArgument(args, 2, on)) {
      session.replyMode = "on";
      reply.ok();
    } else if (isArgument(args, 2, off)) {
      session.replyMode = "off";
    } else if (isArgument(args, 2, skip)) {
      if (session.replyMode !== "off") session.replyMode = "skip-next";
    } else {
      throw syntaxError;
    }
  },
});

const clientNoEvict = command({
  name: "NO-EVICT",
  summary: "Keeps the connection from being closed when clients take too much memory.",
  since: "7.0.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
  words: [oneOf("enabled", [token("on"), token("off")])],
  optionsAt: 0,

  run({ args, reply, session }) {
    session.noEvict = switchArgument(args, 2);
    reply.ok();
  },
});

const clientNoTouch = command({
  name: "NO-TOUCH",
  summary: "Lets the connection's commands leave the keys' access times as they are.",
  since: "7.2.0",
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale"],
  words: [oneOf("enabled", [token("on"), token("off")])],
  optionsAt: 0,

  run({ args, reply, session }) {
    session.noTouch = switchArgument(args, 2);
    reply.ok();
  },
});

const clientUnblock = command({
  name: "UNBLOCK",
  summary: "Ends the wait of a blocked client, as if its time were over or with an error.",
  since: "5.0.0",
  group: "connection",
  complexity: "O(log N) where N is the number of client connections",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
  words: [
    integer("client-id"),
    optional(oneOf("unblock-type", [token("timeout"), token("error")])),
  ],
  optionsAt: 0,

  run({ args, reply, engine }) {
    if (args.count > 4) throw engine.wrongArity();
    const isError = args.count === 4 && isArgument(args, 3, errorWord);
    if (args.count === 4 && !isError && !isArgument(args, 3, timeoutWord)) throw invalidReason;
    const waiter = engine.sessions.get(integerArgument(args, 2))?.waiter;
    if (waiter === undefined) {
      reply.integer(0);
      return;
    }
    reply.integer(1);
    engine.blocking.endSoon(waiter, isError ? unblocked : undefined);
  },
});

export const client: CommandDeclaration = command({
  name: "CLIENT",
  summary: "Commands about connections.",
  since: "2.4.0",
  group: "connection",
  complexity: "Depends on subcommand.",
  flags: ["sentinel"],
  words: [],
  subcommands: [
    clientId,
    clientInfo,
    clientList,
    clientKill,
    clientGetName,
    clientSetName,
    clientSetInfo,
    clientPause,
    clientUnpause,
    clientUnblock,
    clientReply,
    clientNoEvict,
    clientNoTouch,
    clientTracking,
    clientCaching,
    clientGetRedir,
    clientTrackingInfo,
    help(() => client, "5.0.0"),
  ],
});
