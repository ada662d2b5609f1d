import { asciiBytes } from "../../bytes/ascii.ts";
import { Slice } from "../../bytes/slices.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { block, integer, key, optional, string, token } from "../../engine/word.ts";
import { Failure, noSuchKey } from "../../keyspace/failure.ts";
import { readStream } from "../../keyspace/stream.ts";
import { groupArgument } from "../../keyspace/stream-groups.ts";
import type { Arena, Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import {
  activeTime,
  consumerPending,
  consumersOf,
  entriesRead,
  groupLastIdWord,
  pendingCount,
  seenTime,
  unknownCount,
} from "../../structures/stream-group.ts";
import { StreamId, readId } from "../../structures/stream-id.ts";
import { idTreeCount } from "../../structures/stream-id-tree.ts";
import { nameCount, namedAt, sliceName } from "../../structures/stream-names.ts";
import { lagOf } from "../../structures/stream-progress.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { groupsOf, replyBrief, replyFull, replyKnown } from "./stream-description.ts";
import { replyId } from "./stream-reply.ts";

const fullCountDefault = 10;
const full = asciiBytes("full");
const count = asciiBytes("count");
const name = new Slice();
const id = new StreamId();

function requireStream({ args, db }: Context): Ref {
  const root = readStream(db, args, 2);
  if (root === noRef) throw noSuchKey;
  return root;
}

const consumers = command({
  name: "CONSUMERS",
  summary:
    "Lists the consumers of a group, with what they have pending and how long they are idle.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  history: [["7.2.0", "`inactive` came in, and `idle` got another meaning."]],
  words: [key("key", "RO access"), string("group")],

  run(context) {
    const { args, db, reply } = context;
    const { arena, nowMs } = db.keyspace;
    const group = groupArgument(db, requireStream(context), args, 3);
    if (group === noRef) {
      throw new Failure(
        `NOGROUP No such consumer group '${args.latin1(3)}' for key name '${args.latin1(2)}'`,
      );
    }
    const names = consumersOf(arena, group);
    reply.array(nameCount(arena, names));
    for (let index = 0; index < nameCount(arena, names); index++) {
      replyConsumer(reply, arena, namedAt(arena, names, index), nowMs);
    }
  },
});

function replyConsumer(reply: ReplyWriter, arena: Arena, consumer: Ref, nowMs: number): void {
  sliceName(arena, consumer, name);
  const activeMs = activeTime(arena, consumer);
  reply.map(4);
  reply.bulkLatin1("name");
  reply.bulk(name.bytes, name.offset, name.length);
  reply.bulkLatin1("pending");
  reply.integer(idTreeCount(arena, consumerPending(arena, consumer)));
  reply.bulkLatin1("idle");
  reply.integer(Math.max(0, nowMs - seenTime(arena, consumer)));
  reply.bulkLatin1("inactive");
  reply.integer(activeMs === unknownCount ? activeMs : nowMs - activeMs);
}

const groups = command({
  name: "GROUPS",
  summary: "Lists the consumer groups of a stream, with how far each has come.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["readonly"],
  history: [["7.0.0", "`entries-read` and `lag` came in."]],
  words: [key("key", "RO access")],

  run(context) {
    const { db, reply } = context;
    const { arena } = db.keyspace;
    const root = requireStream(context);
    const names = groupsOf(arena, root);
    reply.array(names.length);
    for (const group of names) {
      sliceName(arena, group, name);
      reply.map(6);
      reply.bulkLatin1("name");
      reply.bulk(name.bytes, name.offset, name.length);
      reply.bulkLatin1("consumers");
      reply.integer(nameCount(arena, consumersOf(arena, group)));
      reply.bulkLatin1("pending");
      reply.integer(pendingCount(arena, group));
      reply.bulkLatin1("last-delivered-id");
      readId(arena, group, groupLastIdWord, id);
      replyId(reply, id);
      reply.bulkLatin1("entries-read");
      replyKnown(reply, entriesRead(arena, group));
      reply.bulkLatin1("lag");
      replyKnown(reply, lagOf(arena, root, group));
    }
  },
});

const stream = command({
  name: "STREAM",
  summary: "Tells what a stream is; FULL shows entries, groups and consumers too.",
  since: "5.0.0",
  group: "stream",
  complexity: "O(1)",
  flags: ["readonly"],
  history: [
    ["6.0.0", "`FULL` came in."],
    [
      "7.0.0",
      "`max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and " +
        "`lag` came in.",
    ],
    ["7.2.0", "`active-time` came in, and `seen-time` got another meaning."],
  ],
  words: [
    key("key", "RO access"),
    optional(block("full-block", [token("full"), optional(integer("count", { token: "COUNT" }))])),
  ],
  optionsAt: 0,

  run(context) {
    const { args, db, reply } = context;
    const root = requireStream(context);
    if (args.count === 3) {
      replyBrief(reply, db.keyspace.arena, root);
      return;
    }
    replyFull(reply, db.keyspace.arena, root, fullCount(context));
  },
});

/** Entries to show: 0 means all. */
function fullCount({ args }: Context): number {
  const isShort = args.count === 4;
  if (!isArgument(args, 3, full) || (!isShort && args.count !== 6)) throw wrongWords(args);
  if (isShort) return fullCountDefault;
  if (!isArgument(args, 4, count)) throw wrongWords(args);
  const value = integerArgument(args, 5);
  if (value < 0) return fullCountDefault;
  return value === 0 ? Infinity : value;
}

function wrongWords(args: Slices): Failure {
  return new Failure(
    `ERR unknown subcommand or wrong number of arguments for '${args.latin1(1)}'. Try XINFO HELP.`,
  );
}

export const xinfo: CommandDeclaration = command({
  name: "XINFO",
  summary: "Tells what is in a stream.",
  since: "5.0.0",
  group: "stream",
  complexity: "Depends on the subcommand.",
  flags: [],
  words: [],
  subcommands: [consumers, groups, stream, help(() => xinfo, "5.0.0")],
});
