import type { Slices } from "../../bytes/slices.ts";
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import type { Settings } from "../../engine/host.ts";
import { key } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure } from "../../keyspace/failure.ts";
import {
  accessOf,
  encodingNames,
  encodingOf,
  encoding as encodings,
  sliceString,
} from "../../keyspace/record.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const policyNote =
  "Please note that when switching between policies at runtime LRU and LFU data will take some " +
  "time to adjust.";
const idleNotTracked = new Failure(
  `ERR An LFU maxmemory policy is selected, idle time not tracked. ${policyNote}`,
);
const frequencyNotTracked = new Failure(
  `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${policyNote}`,
);
const lfuPolicy = /lfu$/;
/** Those that count or date the uses of keys. */
const usePolicy = /l[fr]u$/;
const accessSecondsMask = 0xffffff;

/**
 * The key's record, or none and the reply is written. Looking at a key does not count as using it.
 */
function inspect(db: Database, args: Slices, reply: ReplyWriter): Ref {
  const ref = db.peek(args, 2);
  if (ref === noRef) reply.nil();
  return ref;
}

const encoding = command({
  name: "ENCODING",
  summary: "Tells how the value of a key is held in memory.",
  since: "2.2.3",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO")],

  run({ args, db, reply }) {
    const ref = inspect(db, args, reply);
    if (ref !== noRef) reply.bulkLatin1(encodingNames[encodingOf(db.keyspace.arena, ref)]);
  },
});

const frequency = command({
  name: "FREQ",
  summary: "Tells how often a key is used, on a logarithmic scale, under an LFU maxmemory policy.",
  since: "4.0.0",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO")],

  run({ args, db, reply, engine }) {
    const ref = inspect(db, args, reply);
    if (ref === noRef) return;
    if (!lfuPolicy.test(engine.host.settings.maxmemoryPolicy)) throw frequencyNotTracked;
    const { arena, uses } = db.keyspace;
    reply.integer(uses.current(accessOf(arena, ref)));
  },
});

const idletime = command({
  name: "IDLETIME",
  summary: "Tells for how many seconds a key has not been used.",
  since: "2.2.3",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO")],

  run({ args, db, reply, engine }) {
    const ref = inspect(db, args, reply);
    if (ref === noRef) return;
    if (lfuPolicy.test(engine.host.settings.maxmemoryPolicy)) throw idleNotTracked;
    const { accessClock, arena } = db.keyspace;
    reply.integer((accessClock - accessOf(arena, ref)) & accessSecondsMask);
  },
});

/**
 * What Redis replies for the integers below 10,000, of which it keeps one each for all keys: unless
 * it must know for each key when it was used.
 */
const sharedReferences = 2147483647;
const sharedDigitsMax = 4;

/** Whether the key holds an integer that Redis would share. Ours are digits in the record. */
function isShared(db: Database, ref: Ref, { maxmemory, maxmemoryPolicy }: Settings): boolean {
  const { arena, value } = db.keyspace;
  if (maxmemory > 0 && usePolicy.test(maxmemoryPolicy)) return false;
  if (encodingOf(arena, ref) !== encodings.int) return false;
  sliceString(arena, ref, value);
  return value.length <= sharedDigitsMax && value.bytes[value.offset] !== 0x2d;
}

const refcount = command({
  name: "REFCOUNT",
  summary: "Replies with how many keys share the value: 1, or very many for a small integer.",
  since: "2.2.3",
  group: "generic",
  complexity: "O(1)",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  words: [key("key", "RO")],

  run({ args, db, reply, engine }) {
    const ref = inspect(db, args, reply);
    if (ref === noRef) return;
    reply.integer(isShared(db, ref, engine.host.settings) ? sharedReferences : 1);
  },
});

export const object: CommandDeclaration = command({
  name: "OBJECT",
  summary: "Tells how a key is held.",
  since: "2.2.3",
  group: "generic",
  complexity: "Depends on the subcommand.",
  flags: [],
  words: [],
  subcommands: [encoding, frequency, idletime, refcount, help(() => object, "6.2.0")],
});
