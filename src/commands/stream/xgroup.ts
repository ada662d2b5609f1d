import type { Slices } from "../../bytes/slices.ts";
import { integerArgument } from "../../engine/argument.ts";
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { integer, key, oneOf, optional, string, token } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure } from "../../keyspace/failure.ts";
import { writeStream } from "../../keyspace/stream.ts";
import {
  addConsumer,
  addGroup,
  deleteConsumer,
  destroyGroup,
  groupArgument,
  setGroupId,
} from "../../keyspace/stream-groups.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import { StreamId, copyId, readId, zeroId } from "../../structures/stream-id.ts";
import { lastIdWord } from "../../structures/stream-root.ts";
import { anyIdArgument, idArgument, isSymbol } from "./stream-argument.ts";

const noStream = new Failure(
  "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use " +
    "the MKSTREAM option to create an empty stream automatically.",
);
const readNegative = new Failure("ERR value for ENTRIESREAD must be positive or -1");
const dollar = 0x24;

/** The number of entries read that the argument names; -1, also when there is none: unknown. */
function readArgument(args: Slices, index: number): number {
  const count = index === 0 ? -1 : integerArgument(args, index);
  if (count < -1) throw readNegative;
  return count;
}

function requireStream(db: Database, args: Slices): Ref {
  const root = writeStream(db, args, 2);
  if (root === noRef) throw noStream;
  return root;
}

function requireGroup(db: Database, args: Slices, root: Ref): Ref {
  const group = groupArgument(db, root, args, 3);
  if (group !== noRef) return group;
  throw new Failure(
    `NOGROUP No such consumer group '${args.latin1(3)}' for key name '${args.latin1(2)}'`,
  );
}

const create = command({
  name: "CREATE",
  summary:
    "Makes a consumer group that reads from the given ID on; `$` stands for the last ID. " +
    "MKSTREAM makes the stream too when there is none; ENTRIESREAD says how many entries the " +
    "group has read.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  history: [["7.0.0", "`ENTRIESREAD` came in."]],
  words: [
    key("key", "RW insert"),
    string("group"),
    oneOf("id-selector", [string("id"), token("new-id", { token: "$" })]),
    optional(token("mkstream")),
    optional(integer("entriesread", { token: "ENTRIESREAD", display: "entries-read" })),
  ],

  run({ args, options, db, reply }) {
    const read = readArgument(args, options.entriesread);
    const root = options.mkstream === 0 ? requireStream(db, args) : writeStream(db, args, 2);
    const id = new StreamId();
    if (!isSymbol(args, 4, dollar)) idArgument(args, 4, id);
    else if (root === noRef) copyId(zeroId, id);
    else readId(db.keyspace.arena, root, lastIdWord, id);
    addGroup(db, args, 2, root, 3, id, read);
    reply.ok();
  },
});

const setid = command({
  name: "SETID",
  summary: "Makes a consumer group read on after the given ID; `$` stands for the last ID.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["write"],
  history: [["7.0.0", "`ENTRIESREAD` came in."]],
  words: [
    key("key", "RW update"),
    string("group"),
    oneOf("id-selector", [string("id"), token("new-id", { token: "$" })]),
    optional(integer("entriesread", { token: "ENTRIESREAD", display: "entries-read" })),
  ],

  run({ args, options, db, reply }) {
    const read = readArgument(args, options.entriesread);
    const root = requireStream(db, args);
    const group = requireGroup(db, args, root);
    const id = new StreamId();
    if (isSymbol(args, 4, dollar)) readId(db.keyspace.arena, root, lastIdWord, id);
    else anyIdArgument(args, 4, id);
    setGroupId(db, args, 2, group, id, read);
    reply.ok();
  },
});

const destroy = command({
  name: "DESTROY",
  summary: "Deletes a consumer group with its consumers and their pending entries.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(N) for N pending entries of the group.",
  flags: ["write"],
  words: [key("key", "RW delete"), string("group")],

  run({ args, db, reply }) {
    reply.integer(destroyGroup(db, args, 2, requireStream(db, args), 3) ? 1 : 0);
  },
});

const createconsumer = command({
  name: "CREATECONSUMER",
  summary: "Makes a consumer in a group; 0 when there is one of that name.",
  since: "6.2.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  words: [key("key", "RW insert"), string("group"), string("consumer")],

  run({ args, db, reply }) {
    const group = requireGroup(db, args, requireStream(db, args));
    reply.integer(addConsumer(db, args, 2, group, 4) === noRef ? 0 : 1);
  },
});

const delconsumer = command({
  name: "DELCONSUMER",
  summary: "Deletes a consumer of a group and counts the entries that it had pending.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["write"],
  words: [key("key", "RW delete"), string("group"), string("consumer")],

  run({ args, db, reply }) {
    const group = requireGroup(db, args, requireStream(db, args));
    reply.integer(deleteConsumer(db, args, 2, group, 4));
  },
});

export const xgroup: CommandDeclaration = command({
  name: "XGROUP",
  summary: "Manages the consumer groups of a stream.",
  since: "5.0.0",
  group: "stream",
  complexity: "Depends on the subcommand.",
  flags: [],
  words: [],
  subcommands: [create, createconsumer, delconsumer, destroy, setid, help(() => xgroup, "5.0.0")],
});
