import { integerArgument } from "../../engine/argument.ts";
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { help } from "../../engine/help.ts";
import { integer, key, optional } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { syntaxError } from "../../keyspace/failure.ts";
import { hasExpiry } from "../../keyspace/record.ts";
import { keyBytes } from "../../keyspace/value.ts";
import type { Ref } from "../../memory/arena.ts";
import { noRef } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

/** A key that expires is also in its database's list of such keys. */
const volatileEntryBytes = 4;
/** Below this nothing that DOCTOR could find means anything; the limits are Redis's. */
const smallInstanceBytes = 5 * 1024 * 1024;
const peakRatioMax = 1.5;
const freeRatioMax = 1.4;
const freeBytesMax = 10 * 1024 * 1024;
const clientBytesMax = 200 * 1024;

const peakFinding =
  "Peak: there was a time when half as much memory again was in use. What was freed has gone " +
  "back to the system, chunk by chunk; chunks that are partly in use are filled again by new data.";
const fragmentationFinding =
  "Fragmentation: more than a quarter of the arena is free, but lies between data in use. It is " +
  "not lost: new keys and values go there first.";
const clientFinding =
  "Clients: their buffers take more than 200 KB each on average. CLIENT LIST shows, as tot-mem, " +
  "which ones send large requests or do not read their replies.";

const memoryDoctor = command({
  name: "DOCTOR",
  summary: "Looks for signs of trouble with memory and says what it found.",
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  flags: [],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  words: [],

  run({ reply, engine }) {
    reply.verbatim("txt", diagnosis(engine));
  },
});

const memoryMallocStats = command({
  name: "MALLOC-STATS",
  summary: "Shows the figures of the arena, which holds all keys and values.",
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  flags: [],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  words: [],

  run({ reply, engine }) {
    const { arena } = engine.keyspace;
    const chunkCount = arena.bytes.filter((chunk) => chunk.length > 0).length;
    const lines = [
      "Arena:",
      ` chunks: ${chunkCount}`,
      ` capacity: ${arena.capacityBytes} bytes`,
      ` used: ${arena.usedBytes} bytes`,
      ` free: ${arena.freeBytes} bytes`,
    ];
    reply.verbatim("txt", `${lines.join("\n")}\n`);
  },
});

const memoryPurge = command({
  name: "PURGE",
  summary: "Asks for unused memory to be given back, which happens by itself.",
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  flags: [],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  words: [],

  run({ engine, reply }) {
    // What is empty goes back by itself; this is what is kept for the next growth.
    engine.keyspace.arena.trim();
    reply.ok();
  },
});

const memoryStats = command({
  name: "STATS",
  summary: "Tells what the memory is used for, in bytes.",
  since: "4.0.0",
  group: "server",
  complexity: "O(1)",
  flags: [],
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  words: [],

  run(context) {
    replyStatistics(context);
  },
});

const memoryUsage = command({
  name: "USAGE",
  summary: "Tells how many bytes a key takes, with its value and its share of the tables.",
  since: "4.0.0",
  group: "server",
  complexity: "O(N) for N elements that are looked at.",
  flags: ["readonly"],
  words: [key("key", "RO"), optional(integer("count", { token: "SAMPLES" }))],

  run({ args, options, db, reply }) {
    if (options.count !== 0 && integerArgument(args, options.count) < 0) throw syntaxError;
    const ref = db.peek(args, 2);
    if (ref === noRef) reply.nil();
    else reply.integer(usageOf(db, ref));
  },
});

export const memory: CommandDeclaration = command({
  name: "MEMORY",
  summary: "Commands about memory.",
  since: "4.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [
    memoryDoctor,
    memoryMallocStats,
    memoryPurge,
    memoryStats,
    memoryUsage,
    help(() => memory, "4.0.0"),
  ],
});

function usageOf(db: Database, ref: Ref): number {
  const { keyspace } = db;
  const bucketBytes = Math.round(db.table.tableBytes / db.size);
  const volatileBytes = hasExpiry(keyspace.arena, ref) ? volatileEntryBytes : 0;
  return keyBytes(keyspace, ref) + bucketBytes + volatileBytes;
}

type Statistic = readonly [name: string, value: number];

/**
 * Redis's fields, without those of its allocator and of the process that mean nothing for an arena.
 */
function replyStatistics({ reply, engine, db: selected }: Context): void {
  const { keyspace, host } = engine;
  const { arena, databases } = keyspace;
  const used = engine.usedBytes;
  const peak = peakBytes(engine);
  // Redis shows a database that has been emptied; the one that is asked from stands for these.
  const shown = databases.filter((db) => db.table.bucketCount > 0 || db === selected);
  const bucketBytes = databases.reduce((sum, db) => sum + db.table.tableBytes, 0);
  const volatileBytes = databases.reduce((sum, db) => sum + db.volatileKeys.tableBytes, 0);
  const datasetBytes = arena.usedBytes - bucketBytes;
  const keyCount = databases.reduce((sum, db) => sum + db.size, 0);
  const server: readonly Statistic[] = [
    ["peak.allocated", peak],
    ["total.allocated", used],
    ["startup.allocated", 0],
    ["replication.backlog", 0],
    ["clients.slaves", 0],
    ["clients.normal", host.overheadBytes],
    ["cluster.links", 0],
    ["aof.buffer", 0],
    ["lua.caches", engine.scripting.cache.usedBytes],
    ["functions.caches", engine.scripting.functions.set.usedBytes],
  ];
  const data: readonly Statistic[] = [
    ["overhead.db.hashtable.lut", bucketBytes],
    ["overhead.db.hashtable.rehashing", rehashingBytes(databases)],
    ["overhead.total", bucketBytes + volatileBytes + host.overheadBytes],
    ["db.dict.rehashing.count", databases.filter((db) => db.table.isRehashing).length],
    ["keys.count", keyCount],
    ["keys.bytes-per-key", keyCount === 0 ? 0 : Math.floor(used / keyCount)],
    ["dataset.bytes", datasetBytes],
    ["allocator.allocated", arena.usedBytes],
    ["allocator.active", arena.capacityBytes],
    ["allocator-fragmentation.bytes", arena.freeBytes],
  ];
  const ratios: readonly Statistic[] = [
    ["dataset.percentage", ratio(datasetBytes, used) * 100],
    ["peak.percentage", ratio(used, peak) * 100],
    ["allocator-fragmentation.ratio", ratio(arena.capacityBytes, arena.usedBytes)],
  ];
  reply.map(server.length + shown.length + data.length + ratios.length);
  replyIntegers(reply, server);
  for (const db of shown) {
    reply.bulkLatin1(`db.${db.index}`);
    reply.map(2);
    replyIntegers(reply, [
      ["overhead.hashtable.main", db.table.tableBytes],
      ["overhead.hashtable.expires", db.volatileKeys.tableBytes],
    ]);
  }
  replyIntegers(reply, data);
  for (const [name, value] of ratios) {
    reply.bulkLatin1(name);
    reply.double(value);
  }
}

function rehashingBytes(databases: readonly Database[]): number {
  return databases.reduce((sum, db) => sum + db.table.rehashingBytes, 0);
}

function replyIntegers(reply: ReplyWriter, statistics: readonly Statistic[]): void {
  for (const [name, value] of statistics) {
    reply.bulkLatin1(name);
    reply.integer(value);
  }
}

/** 1 when there is nothing to compare with. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function peakBytes(engine: Engine): number {
  return Math.max(engine.statistics.peakUsedBytes, engine.usedBytes);
}

function diagnosis(engine: Engine): string {
  const used = engine.usedBytes;
  if (used < smallInstanceBytes) {
    return "This instance is empty or holds next to nothing: there is nothing to examine yet.\n";
  }
  const found: string[] = [];
  const { arena } = engine.keyspace;
  if (peakBytes(engine) / used > peakRatioMax) found.push(peakFinding);
  const isSpread = ratio(arena.capacityBytes, arena.usedBytes) > freeRatioMax;
  if (isSpread && arena.freeBytes > freeBytesMax) found.push(fragmentationFinding);
  const bytesPerClient = engine.host.overheadBytes / Math.max(engine.sessions.size, 1);
  if (bytesPerClient > clientBytesMax) found.push(clientFinding);
  if (found.length === 0) return "Nothing unusual was found in the memory of this instance.\n";
  return `${found.map((each) => `* ${each}`).join("\n\n")}\n`;
}
