import type { Slices } from "../../bytes/slices.ts";
import { expiryArgument, expiryUnits, integerArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { deletionWord } from "../../engine/propagation.ts";
import { integer, key, optional, string, token } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { noRef } from "../../memory/arena.ts";
import { DecodedValue } from "../../persistence/decoded-value.ts";
import { decodePayload, isWholePayload } from "../../persistence/dump-payload.ts";
import { accessAfterLoading } from "../../persistence/key-access.ts";
import { restoreKey } from "../../persistence/key-loader.ts";
import { rdbType } from "../../persistence/rdb-format.ts";
import { RdbError } from "../../persistence/rdb-reader.ts";

const keyIsTaken = new Failure("BUSYKEY Target key name already exists.");
const negativeTtl = new Failure("ERR Invalid TTL value, must be >= 0");
const negativeIdleTime = new Failure("ERR Invalid IDLETIME value, must be >= 0");
const wrongFrequency = new Failure("ERR Invalid FREQ value, must be >= 0 and <= 255");
const wrongPayload = new Failure("ERR DUMP payload version or checksum are wrong");
const badData = new Failure("ERR Bad data format");
/** What the log calls values that are checked as a whole. */
const checkedKinds: ReadonlyMap<number, string> = new Map([
  [rdbType.hashZipmap, "Zipmap"],
  [rdbType.listZiplist, "List ziplist"],
  [rdbType.setIntset, "Intset"],
  [rdbType.zsetZiplist, "Zset ziplist"],
  [rdbType.hashZiplist, "Hash ziplist"],
  [rdbType.listQuicklist, "Ziplist"],
  [rdbType.hashListpack, "Hash listpack"],
  [rdbType.zsetListpack, "Zset listpack"],
  [rdbType.listQuicklist2, "Listpack"],
  [rdbType.streamListpacks, "Stream listpack"],
  [rdbType.streamListpacks2, "Stream listpack"],
  [rdbType.setListpack, "Set listpack"],
  [rdbType.streamListpacks3, "Stream listpack"],
]);
const frequencyMax = 255;

/** Index of each option's value, 0 when it was not given. */
interface RestoreOptions {
  readonly replace: number;
  readonly absttl: number;
  readonly seconds: number;
  readonly frequency: number;
}

export const restore = command({
  name: "RESTORE",
  summary: "Makes a key of what DUMP has replied with.",
  since: "2.6.0",
  group: "generic",
  complexity: "O(N*M) for a value of N elements of M bytes each, times log(N) for a sorted set.",
  flags: ["write", "denyoom"],
  categories: ["dangerous"],
  history: [
    ["3.0.0", "Learnt REPLACE."],
    ["5.0.0", "Learnt ABSTTL."],
    ["5.0.0", "Learnt IDLETIME and FREQ."],
  ],
  words: [
    key("key", "OW update"),
    integer("ttl"),
    string("serialized-value"),
    optional(token("replace", { since: "3.0.0" })),
    optional(token("absttl", { since: "5.0.0" })),
    optional(integer("seconds", { token: "IDLETIME", since: "5.0.0" })),
    optional(integer("frequency", { token: "FREQ", since: "5.0.0" })),
  ],

  run(context) {
    const { args, options, db, reply, engine } = context;
    const access = accessArgument(args, options, engine);
    if (options.replace === 0 && db.write(args, 1) !== noRef) throw keyIsTaken;
    const expiryMs = ttlArgument(args, options, db);
    const wasThere = engine.propagation.isOn && db.has(args, 1);
    restoreKey(db, args, 1, readPayload(args, db, engine), { expiryMs, access });
    if (expiryMs >= 0) propagateRestore(context, expiryMs, wasThere);
    reply.ok();
  },
});

/** The time to live is propagated as the time when it ends; if that is over, as a deletion. */
function propagateRestore(
  { args, options, db, engine }: Context<"absttl">,
  expiryMs: number,
  wasThere: boolean,
): void {
  const { propagation } = engine;
  const { nowMs, expires } = db.keyspace;
  if (expiryMs <= nowMs && expires) {
    if (!wasThere) return;
    propagation.begin(db, 2).text(deletionWord(propagation.emptiesLazily)).argument(args, 1);
  } else if (options.absttl === 0) {
    propagation
      .begin(db, args.count + 1)
      .arguments(args, 0, 2)
      .number(expiryMs);
    propagation.arguments(args, 3, args.count).text("ABSTTL");
  }
}

/** The access word: only one of the two options may be there, and counts under its own policy. */
function accessArgument(args: Slices, options: RestoreOptions, engine: Engine): number {
  if (options.seconds !== 0 && options.frequency !== 0) throw syntaxError;
  let idleSeconds = -1;
  let frequency = -1;
  if (options.seconds !== 0) {
    idleSeconds = integerArgument(args, options.seconds);
    if (idleSeconds < 0) throw negativeIdleTime;
  }
  if (options.frequency !== 0) {
    frequency = integerArgument(args, options.frequency);
    if (frequency < 0 || frequency > frequencyMax) throw wrongFrequency;
  }
  const { maxmemoryPolicy } = engine.host.settings;
  return accessAfterLoading(engine.keyspace, maxmemoryPolicy, { idleSeconds, frequency });
}

/** When the key expires, -1 for never, which a TTL of 0 means. */
function ttlArgument(args: Slices, options: RestoreOptions, db: Database): number {
  const ttl = integerArgument(args, 2);
  if (ttl < 0) throw negativeTtl;
  if (ttl === 0) return -1;
  const unit = options.absttl === 0 ? expiryUnits.px : expiryUnits.pxat;
  return expiryArgument(args, 2, unit, db.keyspace.nowMs, "restore");
}

function readPayload(
  args: Slices,
  { keyspace }: Database,
  { checksChecksums: hasChecksum, host }: Engine,
): DecodedValue {
  const { bytes } = args;
  const offset = args.offsets[3];
  const length = args.lengths[3];
  if (!isWholePayload(bytes, offset, length, { hasChecksum })) throw wrongPayload;
  const value = new DecodedValue();
  try {
    decodePayload(keyspace, bytes, offset, length, value);
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    const kind = checkedKinds.get(bytes[offset]) ?? "Value";
    host.log("warning", `${kind} integrity check failed: ${error.message}`);
    throw badData;
  }
  return value;
}
