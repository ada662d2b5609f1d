// Loads files that real Redis wrote, kept in test/golden with the digests that it gave for them,
// and files of old versions written byte by byte; then damages them in every way.
//
// redis-7.0.rdb: redis-server 7.0.15 with every type and encoding in databases 0, 3 and 15.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { asciiBytes } from "../../src/bytes/ascii.ts";
import { Crc64 } from "../../src/bytes/crc64.ts";
import { seededRandom } from "../../src/bytes/random.ts";
import { commands } from "../../src/commands/commands.ts";
import { FileSource } from "../../src/persistence/file-source.ts";
import type { RdbListener, RdbLoadOptions } from "../../src/persistence/rdb-loader.ts";
import { RdbLoader } from "../../src/persistence/rdb-loader.ts";
import { RdbError, RdbReader } from "../../src/persistence/rdb-reader.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { FaultDisk } from "../support/fault-disk.ts";

const golden = join(import.meta.dirname, "..", "golden");
const allTypes = readFileSync(join(golden, "redis-7.0.rdb"));
const allTypesDigest = "95e980b63cdc7b3dfd16e0f3edee8ccd0922d864";
const firstSeed = Number(process.env["RDB_SEED"] ?? Date.now() % 1_000_000);
const nowMs = 1_800_000_000_000;

interface Loaded {
  readonly harness: EngineHarness;
  readonly loader: RdbLoader;
  readonly facts: Map<string, string>;
  readonly told: string[];
  readonly steps: number;
}

interface LoadCase extends Partial<RdbLoadOptions> {
  readonly windowBytes?: number;
  readonly stepBytes?: number;
  readonly harness?: EngineHarness;
}

function newHarness(policy = "noeviction"): EngineHarness {
  return new EngineHarness(commands, {
    nowMs,
    settings: { enableDebugCommand: "yes", maxmemoryPolicy: policy },
  });
}

/** Loads bytes as a file of a disk. */
function load(bytes: Uint8Array, options: LoadCase = {}): Loaded {
  const disk = new FaultDisk(1);
  disk.place("dump.rdb", bytes);
  const harness = options.harness ?? newHarness(options.policy);
  const facts = new Map<string, string>();
  const told: string[] = [];
  const listener: RdbListener = {
    auxiliary: (name, text) => facts.set(name, text),
    functionLibrary: (code) => void told.push(`library ${code.toString()}`),
    modulePassedOver: (name) => void told.push(`module ${name}`),
    emptyKeyPassedOver: (name) => void told.push(`empty ${name}`),
  };
  const source = new FileSource(disk.open("dump.rdb", "read"), 0, options.windowBytes ?? 4096);
  const reader = new RdbReader(new Uint8Array(0), 0, 0, source);
  const all: RdbLoadOptions = {
    policy: "noeviction",
    duplicates: "refused",
    expired: "dropped",
    checksum: "compared",
    ...options,
  };
  const loader = new RdbLoader(harness.keyspace, reader, all, listener);
  let steps = 1;
  while (!loader.step(options.stepBytes ?? 1000)) steps++;
  return { harness, loader, facts, told, steps };
}

/** Loads bytes that come a piece at a time. */
function loadPieces(bytes: Uint8Array, pieceBytes: number): EngineHarness {
  const harness = newHarness();
  const source = { isComing: true, fill: () => false };
  const reader = new RdbReader(new Uint8Array(0), 0, 0, source);
  const listener: RdbListener = {
    auxiliary: () => undefined,
    functionLibrary: () => undefined,
    modulePassedOver: () => undefined,
    emptyKeyPassedOver: () => undefined,
  };
  const options = { policy: "noeviction", duplicates: "refused", checksum: "compared" } as const;
  const loader = new RdbLoader(harness.keyspace, reader, { ...options, expired: "kept" }, listener);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    assert.equal(at === 0 || !loader.step(Infinity), true);
    assert.equal(at === 0 || loader.isStarved, true);
    reader.add(bytes, at, Math.min(pieceBytes, bytes.length - at));
  }
  assert.equal(loader.step(Infinity), true);
  assert.equal(loader.offset, bytes.length);
  return harness;
}

/** Bytes as numbers or in a list, strings with their length before them. */
type Part = number | string | readonly number[];

function partBytes(value: Part): Uint8Array {
  if (typeof value === "string") return Uint8Array.of(value.length, ...asciiBytes(value));
  return typeof value === "number" ? Uint8Array.of(value) : Uint8Array.from(value);
}

/** A file of that version: its opcodes and keys, the end, and the checksum. */
function rdbFile(version: number, ...entries: (readonly Part[])[]): Uint8Array {
  const head = asciiBytes(`REDIS${String(version).padStart(4, "0")}`);
  const body = entries.flat().map(partBytes);
  const whole = Buffer.concat([head, ...body, Uint8Array.of(0xff), new Uint8Array(8)]);
  if (version < 5) return whole.subarray(0, -8);
  const checksum = new Crc64();
  checksum.update(whole, 0, whole.length - 8);
  checksum.write(whole, whole.length - 8);
  return whole;
}

function ziplist(...entries: readonly (readonly number[])[]): string {
  const body: number[] = [];
  let previous = 0;
  let last = 10;
  for (const entry of entries) {
    last = 10 + body.length;
    body.push(previous, ...entry);
    previous = entry.length + 1;
  }
  const size = body.length + 11;
  return String.fromCharCode(size, 0, 0, 0, last, 0, 0, 0, entries.length, 0, ...body, 255);
}

const textEntry = (text: string): number[] => [text.length, ...asciiBytes(text)];

describe("files of Redis 7.0", () => {
  for (const [windowBytes, stepBytes] of [
    [64, 1],
    [4096, 1000],
    [1 << 20, Infinity],
  ] as const) {
    test(`every type and encoding, window ${windowBytes}, step ${stepBytes}`, () => {
      const { harness, loader, facts, told, steps } = load(allTypes, { windowBytes, stepBytes });
      assert.equal(harness.run("DEBUG", "DIGEST"), allTypesDigest);
      assert.equal(loader.keysLoaded, 153);
      assert.equal(loader.keysExpired, 0);
      assert.equal(loader.offset, allTypes.length);
      assert.equal(facts.get("redis-ver"), "7.0.15");
      assert.equal(facts.get("aof-base"), "0");
      assert.deepEqual([...facts.keys()].slice(1, 4), ["redis-bits", "ctime", "used-mem"]);
      assert.equal(told.length, 1);
      assert.match(told[0], /^library #!lua name=counting\n/);
      assert.equal(harness.run("PEXPIRETIME", "expires:far"), 4_102_444_800_123);
      assert.equal(stepBytes === Infinity ? steps === 1 : steps > 10, true);
    });
  }

  for (const pieceBytes of [1, 7, 1000, 65536]) {
    test(`coming in pieces of ${pieceBytes} bytes`, () => {
      const harness = loadPieces(allTypes, pieceBytes);
      assert.equal(harness.run("DEBUG", "DIGEST"), allTypesDigest);
    });
  }

  test("how long ago and how often a key was used, and a file without a checksum", () => {
    const lru = load(readFileSync(join(golden, "redis-7.0-lru.rdb")), { policy: "allkeys-lru" });
    assert.equal(lru.harness.run("OBJECT", "IDLETIME", "used"), 5000);
    assert.equal(lru.harness.run("OBJECT", "IDLETIME", "fresh"), 0);
    const lfu = load(readFileSync(join(golden, "redis-7.0-lfu.rdb")), { policy: "allkeys-lfu" });
    assert.equal(lfu.harness.run("OBJECT", "FREQ", "used"), 77);
    assert.equal(lfu.harness.run("OBJECT", "FREQ", "fresh"), 5);
  });
});

describe("old encodings", () => {
  test("a zipmap", () => {
    const zipmap = "\x02\x01a\x02\x00\x76\x31\x02bb\x02\x03\x76\x32\x00\x00\x00\xff";
    const { harness } = load(rdbFile(2, [0xfe, 0], [9, "h", zipmap]));
    assert.deepEqual(harness.run("HGETALL", "h"), ["a", "v1", "bb", "v2"]);
  });

  test("a list, a sorted set and a hash that are ziplists, with integers of every width", () => {
    const numbers = ziplist(
      [0xf1],
      [0xfd],
      [0xfe, 0x80],
      [0xc0, 0x00, 0x80],
      [0xf0, 0xff, 0xff, 0x7f],
      [0xd0, 0xff, 0xff, 0xff, 0x7f],
      [0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80],
      [0x40, 0x03, ...asciiBytes("abc")],
    );
    const scores = ziplist(textEntry("one"), [0xf2], textEntry("two"), textEntry("1.5"));
    const fields = ziplist(textEntry("f"), textEntry("v"));
    const bytes = rdbFile(6, [10, "l", numbers], [12, "z", scores], [13, "h", fields]);
    const { harness, loader } = load(bytes);
    assert.equal(loader.keysLoaded, 3);
    assert.equal(
      (harness.run("LRANGE", "l", 0, -1) as string[]).join(" "),
      "0 12 -128 -32768 8388607 2147483647 -9223372036854775808 abc",
    );
    assert.deepEqual(harness.run("ZRANGE", "z", 0, -1, "WITHSCORES"), ["one", "1", "two", "1.5"]);
    assert.deepEqual(harness.run("HGETALL", "h"), ["f", "v"]);
  });

  test("a quicklist of ziplists", () => {
    const bytes = rdbFile(7, [14, "l", 2, ziplist(textEntry("a"), [0xf2]), ziplist([0xf3])]);
    assert.deepEqual(load(bytes).harness.run("LRANGE", "l", 0, -1), ["a", "1", "2"]);
  });

  test("collections written element by element, scores as text", () => {
    const infinity = 254;
    const minusInfinity = 255;
    const { harness } = load(
      rdbFile(
        1,
        [1, "l", 2, "a", [0xc0, 7]],
        [2, "s", 1, "m"],
        [3, "z", 3, "a", "1.25", "b", infinity, "c", minusInfinity],
        [4, "h", 1, "f", "v"],
      ),
    );
    assert.deepEqual(harness.run("LRANGE", "l", 0, -1), ["a", "7"]);
    assert.deepEqual(harness.run("SMEMBERS", "s"), ["m"]);
    const scores = harness.run("ZRANGE", "z", 0, -1, "WITHSCORES");
    assert.deepEqual(scores, ["c", "-inf", "a", "1.25", "b", "inf"]);
    assert.deepEqual(harness.run("HGETALL", "h"), ["f", "v"]);
  });

  test("times in seconds", () => {
    const seconds = Buffer.alloc(4);
    seconds.writeInt32LE(nowMs / 1000 + 50);
    const { harness } = load(rdbFile(3, [0xfd, [...seconds], 0, "k", "v"]));
    assert.equal(harness.run("EXPIRETIME", "k"), nowMs / 1000 + 50);
  });

  test("an intset and hashes with times of fields, early and final", () => {
    const intset = String.fromCharCode(2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 7, 0);
    const later = nowMs + 1000;
    const little = Buffer.alloc(8);
    little.writeBigInt64LE(BigInt(later));
    const big = Buffer.alloc(8);
    big.writeBigUInt64BE(BigInt(later));
    const { harness } = load(
      rdbFile(
        12,
        [11, "s", intset],
        [24, "h", [...little], 2, 1, "f", "v", 0, "g", "w"],
        [22, "early", 1, [0x81, ...big], "f", "v"],
      ),
    );
    assert.deepEqual(harness.run("SMEMBERS", "s"), ["5", "7"]);
    assert.deepEqual(harness.run("HPEXPIRETIME", "h", "FIELDS", 2, "f", "g"), [later, -1]);
    assert.deepEqual(harness.run("HPEXPIRETIME", "early", "FIELDS", 1, "f"), [later]);
  });
});

describe("what stands between keys", () => {
  const past = Buffer.alloc(8);
  past.writeBigInt64LE(BigInt(nowMs - 1));

  test("keys over their time are dropped, or kept for whom it is not to decide", () => {
    const bytes = rdbFile(9, [0xfc, [...past], 0, "old", "x"], [0, "new", "y"]);
    const { harness, loader } = load(bytes);
    assert.deepEqual(harness.run("KEYS", "*"), ["new"]);
    assert.equal(loader.keysExpired, 1);
    assert.equal(loader.keysLoaded, 1);
    const kept = load(bytes, { expired: "kept" });
    assert.equal(kept.loader.keysLoaded, 2);
    assert.equal(kept.harness.keyspace.databases[0].size, 2);
  });

  test("slot sizes, wrong sizes of databases, modules' own data", () => {
    const module = [0xf7, 0x81, 0, 0, 0, 0, 0, 0, 4, 1, 2, 0, 1, 5, 2, 6, 3, 0, 0, 0, 0];
    const more = [4, 0, 0, 0, 0, 0, 0, 0, 0, 5, 1, 0x41, 0];
    const resize = [0xfb, 0x80, 0xff, 0xff, 0xff, 0xff, 0];
    const bytes = rdbFile(
      13,
      [0xfe, 1, ...resize],
      [0xf4, 1, 2, 3],
      [...module, ...more],
      [0, "k", "v"],
    );
    const { harness, told } = load(bytes);
    assert.deepEqual(told, ["module AAAAAAAAB"]);
    harness.run("SELECT", 1);
    assert.equal(harness.run("GET", "k"), "v");
    assert.ok(harness.keyspace.arena.usedBytes < 1 << 20);
  });

  test("collections without elements are passed over", () => {
    const bytes = rdbFile(10, [2, "s", 0], [1, "l", 0], [4, "h", 0], [3, "z", 0], [0, "k", "v"]);
    const { harness, loader, told } = load(bytes);
    assert.equal(loader.emptyKeysPassedOver, 4);
    assert.deepEqual(told, ["empty s", "empty l", "empty h", "empty z"]);
    assert.deepEqual(harness.run("KEYS", "*"), ["k"]);
  });

  test("a key that is there twice", () => {
    const bytes = rdbFile(9, [0, "k", "first"], [0, "k", "second"]);
    assert.throws(() => load(bytes), /RDB has duplicated key 'k' in DB 0, at offset \d+/);
    const { harness } = load(bytes, { duplicates: "replaced" });
    assert.equal(harness.run("GET", "k"), "second");
    assert.equal(harness.run("DBSIZE"), 1);
  });

  test("what cannot be loaded says what it is and where", () => {
    const wrong = rdbFile(9, [0, "k", "v"]);
    wrong[wrong.length - 1] ^= 1;
    const errors: [Uint8Array, RegExp][] = [
      [asciiBytes("RUDIS0009"), /^Wrong signature trying to load DB from file, at offset 0$/],
      [rdbFile(14, [0, "k", "v"]), /^Can't handle RDB format version 14, at offset 0$/],
      [rdbFile(9, [0xfe, 16]), /configured to handle more than 16 databases, at offset 11$/],
      [rdbFile(10, [0xf6, "x"]), /^Pre-release function format not supported, at offset 10$/],
      [rdbFile(10, [0x40, "x"]), /^Unknown RDB opcode or type 64, at offset 10$/],
      [
        wrong,
        /^RDB CRC error: Wrong RDB checksum expected: \(\w+\) but got \(\w+\), at offset 23$/,
      ],
      [rdbFile(9, [7, "k", [0x81, 0, 0, 0, 0, 0, 0, 4, 1]]), /no matching module type 'AAAAAAAAB'/],
    ];
    for (const [bytes, message] of errors) {
      assert.throws(
        () => load(bytes),
        (error) => error instanceof RdbError && message.test(error.message),
      );
    }
    assert.equal(load(wrong, { checksum: "ignored" }).loader.keysLoaded, 1);
  });

  test("the end is told where more follows: a preamble", () => {
    const bytes = rdbFile(10, [0, "k", "v"]);
    const { loader } = load(Buffer.concat([bytes, asciiBytes("*1\r\n$4\r\nPING\r\n")]));
    assert.equal(loader.offset, bytes.length);
  });
});

describe("damage", () => {
  /** Everything loads or throws `RdbError`, and takes no more memory than such a file may. */
  function loadDamaged(bytes: Uint8Array, context: string): boolean {
    const harness = newHarness();
    try {
      load(bytes, { harness, windowBytes: 512, checksum: "ignored" });
      return true;
    } catch (error) {
      assert.ok(error instanceof RdbError, `${context}: ${String(error)}`);
      assert.ok(error.offset <= bytes.length, context);
      return false;
    } finally {
      assert.ok(harness.keyspace.arena.usedBytes < 40 << 20, context);
    }
  }

  test("a file that ends anywhere", () => {
    for (let length = 0; length < allTypes.length; length += length < 1500 ? 17 : 661) {
      assert.equal(loadDamaged(allTypes.subarray(0, length), `cut at ${length}`), false);
    }
  });

  test("bytes that are others", () => {
    const random = seededRandom(firstSeed);
    let refused = 0;
    for (let round = 0; round < 150; round++) {
      const bytes = Uint8Array.from(allTypes);
      for (let count = 1 + random.below(4); count > 0; count--) {
        bytes[9 + random.below(bytes.length - 9)] = random.below(256);
      }
      if (!loadDamaged(bytes, `seed ${firstSeed}, round ${round}`)) refused++;
    }
    assert.ok(refused > 50, `${refused} refused, seed ${firstSeed}`);
  });

  test("a length of many GiB takes no memory", () => {
    const bytes = rdbFile(10, [0, 0x80, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
    assert.throws(() => load(bytes), /the data end too early/);
    for (const type of [1, 2, 3, 4, 5, 14, 18, 15, 21, 24]) {
      assert.throws(
        () => load(rdbFile(12, [type, 1, 0x61, 0x80, 0x7f, 0xff, 0xff, 0xff])),
        RdbError,
      );
    }
  });
});
