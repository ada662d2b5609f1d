// The subcommands of DEBUG. They are declared like those of any container, which gives them their
// arity and DEBUG HELP its lines, but to COMMAND they are as invisible as Redis's: DEBUG itself is
// declared without them, in debug.ts.
import { asciiBytes, copyBytes } from "../../bytes/ascii.ts";
import { parseMemory } from "../../bytes/memory-unit.ts";
import { Slices } from "../../bytes/slices.ts";
import { integerArgument, positiveArgument } from "../../engine/argument.ts";
import type { CommandDeclaration, Context } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import type { Word } from "../../engine/word.ts";
import { integer, key, many, oneOf, optional, string, token } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { absentDigest, keyspaceDigest, valueDigest } from "../../keyspace/digest.ts";
import { Failure, noSuchKey, stringTooLong } from "../../keyspace/failure.ts";
import { noExpiry, storeString } from "../../keyspace/string.ts";
import { noRef } from "../../memory/arena.ts";
import {
  listpackLines,
  objectLine,
  tableLines,
  tableOfValue,
  volatileLines,
} from "./debug-descriptions.ts";
import { replyOfType } from "./debug-protocol.ts";
import { loadAof, reload } from "./debug-reload.ts";
import { wrongProbe } from "./wrong-probe.ts";

const databaseOutOfRange = new Failure("ERR Out of range database");
const notHashTable = new Failure(
  "ERR The value stored at the specified key is not represented using an hash table",
);
const notListpack = new Failure("ERR Not a listpack encoded object.");
const wrongThreshold = new Failure(
  "ERR argument must be a memory value bigger than 1 and smaller than 4gb",
);
const tooManyKeys = new Failure("ERR OOM in dictTryExpand");
const populatedKeysMax = 2 ** 28;
const thresholdBytesMax = 2 ** 32;

const onOrOff = oneOf("enabled", [token("off", { token: "0" }), token("on", { token: "1" })]);

function probe(
  name: string,
  summary: string,
  words: readonly Word[],
  run: (context: Context) => void,
): CommandDeclaration {
  return { ...container, name, summary, words, run };
}

/** Something that the server switches for us. */
function hostSwitch(name: string, summary: string): CommandDeclaration {
  return probe(name, summary, [onOrOff], ({ args, reply, engine }) => {
    if (!engine.host.debug(name.toLowerCase(), [args.latin1(2)])) {
      throw new Failure(`ERR DEBUG ${name} is not supported`);
    }
    reply.ok();
  });
}

const container = {
  name: "DEBUG",
  summary: "",
  since: "1.0.0",
  group: "server",
  complexity: "",
  flags: [],
  words: [],
} as const satisfies CommandDeclaration;

export const debugProbes: CommandDeclaration = {
  ...container,
  subcommands: [
    probe(
      "CONFIG-REWRITE-FORCE-ALL",
      "Writes the configuration file with every parameter, changed or not.",
      [],
      rewriteAll,
    ),
    hostSwitch(
      "AOF-FLUSH-SLEEP",
      "Waits so many microseconds before the append-only file is written.",
    ),
    probe(
      "CHANGE-REPL-ID",
      "Begins a new history, so that no replica can go on from what it has.",
      [],
      ({ reply, engine }) => {
        engine.host.replication.changeId();
        engine.host.log("notice", "Changing replication IDs after receiving change-repl-id");
        reply.ok();
      },
    ),
    hostSwitch("DICT-RESIZING", "Lets the tables of keys grow and shrink, or not."),
    probe("DIGEST", "Replies with a sum over all data.", [], ({ reply, engine }) => {
      reply.simple(keyspaceDigest(engine.keyspace));
    }),
    probe(
      "DIGEST-VALUE",
      "Replies with a sum over the value of each key.",
      [optional(many(key("key", "RO")))],
      digestValues,
    ),
    probe("ERROR", "Replies with an error of that text.", [string("text")], ({ args, reply }) => {
      reply.failure(new Failure(args.latin1(2)));
    }),
    probe(
      "HTSTATS",
      "Describes the tables of a database: size, keys, and with FULL the lengths of chains.",
      [integer("dbid"), optional(token("full"))],
      describeTables,
    ),
    probe(
      "HTSTATS-KEY",
      "Does the same for the table that holds the value of a key.",
      [key("key", "RO"), optional(token("full"))],
      describeValueTable,
    ),
    probe(
      "LISTPACK",
      "Describes a value that is held as a listpack: its sizes, then its elements.",
      [key("key", "RO")],
      describeListpack,
    ),
    probe("LOADAOF", "Loads the append-only file again.", [], loadAof),
    probe("LOG", "Writes a line into the log.", [string("text")], ({ args, reply, engine }) => {
      engine.host.log("warning", `DEBUG LOG: ${args.text(2)}`);
      reply.ok();
    }),
    probe("OBJECT", "Describes how a value is held.", [key("key", "RO")], describeObject),
    hostSwitch("PAUSE-CRON", "Stops the work between requests, or lets it go on."),
    probe(
      "POPULATE",
      "Makes keys `key:0`, `key:1` and so on, those that are there excepted.",
      [integer("count"), optional(string("prefix")), optional(integer("size"))],
      populate,
    ),
    probe(
      "PROTOCOL",
      "Replies with an example of a type of reply.",
      [string("type")],
      ({ args, reply }) => replyOfType(reply, args.latin1(2).toLowerCase()),
    ),
    probe(
      "QUICKLIST-PACKED-THRESHOLD",
      "Sets the size from which elements of lists get a node of their own; 0 is the usual rule.",
      [integer("size")],
      setThreshold,
    ),
    probe(
      "RELOAD",
      "Saves all data, deletes it and loads it again; NOSAVE and NOFLUSH leave out steps.",
      [optional(many(string("option")))],
      reload,
    ),
    probe(
      "REPLICATE",
      "Sends a command to the replicas that is not run here.",
      [many(string("word"))],
      ({ args, reply, engine }) => {
        const words = Array.from({ length: args.count - 2 }, (_, index) => args.copy(index + 2));
        engine.host.replication.feed(words);
        reply.ok();
      },
    ),
    probe(
      "REPLYBUFFER",
      "Accepts PEAK-RESET-TIME and RESIZING, which Redis's reply buffers need.",
      [string("setting"), string("value")],
      acceptReplyBuffer,
    ),
    hostSwitch("SET-ACTIVE-EXPIRE", "Deletes expired keys that nobody asks for, or not."),
    hostSwitch("SET-DISABLE-DENY-SCRIPTS", "Lets scripts run commands that are barred to them."),
    hostSwitch("SET-SKIP-CHECKSUM-VALIDATION", "Lets RESTORE take payloads that are damaged."),
    probe(
      "SLEEP",
      "Stops the whole server for so many seconds, fractions allowed.",
      [string("seconds")],
      sleep,
    ),
    help(() => debugProbes, "1.0.0"),
  ],
};

function digestValues({ args, db, reply }: Context): void {
  reply.array(args.count - 2);
  for (let index = 2; index < args.count; index++) {
    const ref = db.find(args, index);
    reply.simple(ref === noRef ? absentDigest : valueDigest(db, ref));
  }
}

function rewriteAll({ reply, engine }: Context): void {
  const reason = engine.host.configuration.rewrite({ force: true });
  if (reason !== undefined) throw new Failure(`ERR CONFIG-REWRITE-FORCE-ALL failed: ${reason}`);
  reply.ok();
}

// Redis differs: it prints to its standard output, where whoever asks seldom looks.
function describeListpack({ args, db, reply }: Context): void {
  const ref = db.find(args, 2);
  if (ref === noRef) throw noSuchKey;
  const lines = listpackLines(db.keyspace, ref);
  if (lines === undefined) throw notListpack;
  reply.verbatim("txt", `${lines.join("\n")}\n`);
}

function describeTables({ args, reply, engine }: Context): void {
  const { databases } = engine.keyspace;
  const number = integerArgument(args, 2);
  if (number < 0 || number >= databases.length) throw databaseOutOfRange;
  const { table, volatileKeys } = databases[number];
  const lines = [
    "[Dictionary HT]",
    ...tableLines(table, { full: isFull(args) }),
    "[Expires HT]",
    ...volatileLines(volatileKeys),
  ];
  reply.verbatim("txt", `${lines.join("\n")}\n`);
}

function isFull(args: Slices): boolean {
  return args.count > 3 && args.latin1(3).toLowerCase() === "full";
}

function describeObject({ args, db, reply, engine }: Context): void {
  const ref = db.find(args, 2);
  if (ref === noRef) throw noSuchKey;
  reply.simple(objectLine(db, ref, { compresses: engine.host.settings.rdbcompression }));
}

function describeValueTable({ args, db, reply }: Context): void {
  const ref = db.find(args, 2);
  if (ref === noRef) throw noSuchKey;
  const table = tableOfValue(db.keyspace, ref);
  if (table === undefined) throw notHashTable;
  reply.verbatim("txt", `${tableLines(table, { full: isFull(args) }).join("\n")}\n`);
}

/** What it makes is no change: neither counted nor propagated, as in Redis. */
function populate({ args, db, reply }: Context): void {
  const count = positiveArgument(args, 2);
  const prefix = args.count > 3 ? args.copy(3) : asciiBytes("key");
  const size = args.count > 4 ? positiveArgument(args, 4) : 0;
  if (count > populatedKeysMax) throw tooManyKeys;
  if (size > db.keyspace.stringBytesMax) throw stringTooLong;
  db.table.reserve(count);
  for (let number = 0; number < count; number++) populateOne(db, prefix, number, size);
  reply.ok();
}

/** The value is `value:<number>`, cut or filled up with zeros to `size` bytes unless that is 0. */
function populateOne(db: Database, prefix: Uint8Array, number: number, size: number): void {
  const suffix = asciiBytes(`:${number}`);
  const text = asciiBytes(`value:${number}`);
  const keyBytes = prefix.length + suffix.length;
  const valueBytes = size === 0 ? text.length : size;
  const request = new Slices();
  request.bytes = new Uint8Array(keyBytes + valueBytes);
  request.bytes.set(prefix);
  request.bytes.set(suffix, prefix.length);
  copyBytes(text, 0, request.bytes, keyBytes, Math.min(text.length, valueBytes));
  request.push(0, keyBytes);
  if (db.peek(request, 0) !== noRef) return;
  storeString(db, request, 0, noRef, request.bytes, keyBytes, valueBytes, noExpiry);
}

function setThreshold({ args, reply, engine }: Context): void {
  const bytes = parseMemory(args.latin1(2));
  if (bytes === undefined || bytes > thresholdBytesMax) throw wrongThreshold;
  engine.keyspace.limits.listPlainBytesMin = bytes;
  reply.ok();
}

/**
 * Checked, and without effect: connections have no reply buffer of their own that could be resized.
 */
function acceptReplyBuffer({ args, reply }: Context): void {
  const setting = args.latin1(2).toLowerCase();
  if (setting === "peak-reset-time") {
    const isNamed = ["never", "reset"].includes(args.latin1(3).toLowerCase());
    if (!isNamed) integerArgument(args, 3);
  } else if (setting !== "resizing") {
    throw wrongProbe(args);
  }
  reply.ok();
}

const neverWoken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** As Redis reads it: what is no number is no time. */
function sleep({ args, reply, engine }: Context): void {
  const seconds = Number.parseFloat(args.latin1(2));
  if (Number.isFinite(seconds) && seconds > 0) Atomics.wait(neverWoken, 0, 0, seconds * 1000);
  // The rest of the turn must not live in the time before.
  if (!engine.isInTransaction) engine.beginTurn();
  reply.ok();
}
