// Loads append-only files that are whole, torn at any byte, and damaged; with a manifest, with an
// RDB base, and of the old kind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import type { Slices } from "../../src/bytes/slices.ts";
import { commands } from "../../src/commands/commands.ts";
import type { AofLoadOptions } from "../../src/persistence/aof-loader.ts";
import { AofLoader } from "../../src/persistence/aof-loader.ts";
import type { AofManifest } from "../../src/persistence/aof-manifest.ts";
import { parseManifest } from "../../src/persistence/aof-manifest.ts";
import type { AofPlace } from "../../src/persistence/aof-manifest-file.ts";
import {
  loadManifest,
  saveManifest,
  upgradeOldAof,
} from "../../src/persistence/aof-manifest-file.ts";
import { AofError } from "../../src/persistence/aof-reader.ts";
import type { Disk } from "../../src/persistence/disk.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { FaultDisk, PowerLoss } from "../support/fault-disk.ts";

const place: AofPlace = {
  workingDirectory: ".",
  directoryName: "appendonlydir",
  fileName: "appendonly.aof",
};
const rdb = readFileSync(join(import.meta.dirname, "..", "golden", "redis-7.0-lfu.rdb"));
const firstSeed = Number(process.env["AOF_SEED"] ?? Date.now() % 1_000_000);

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

interface Loaded {
  readonly loader: AofLoader;
  readonly executed: string[];
  readonly log: string[];
  readonly harness: EngineHarness;
}

/** Loads what the manifest names and writes down which commands come; SELECT is unknown. */
function load(
  disk: Disk,
  manifest: AofManifest,
  stepBytes = 10,
  options: Partial<AofLoadOptions> = {},
): Loaded {
  const harness = new EngineHarness(commands);
  const executed: string[] = [];
  const log: string[] = [];
  const all = { place, cutsTornEnd: true, policy: "noeviction", checksum: "compared" } as const;
  const loader = new AofLoader(
    harness.keyspace,
    disk,
    manifest,
    { ...all, ...options },
    {
      execute(args: Slices): boolean {
        const words = Array.from({ length: args.count }, (_, index) => args.latin1(index));
        executed.push(words.join(" "));
        return words[0] !== "NONSENSE";
      },
      timestamp: (seconds) => executed.push(`at ${seconds}`),
      log: (_level, text) => log.push(text),
      fileLoaded: (name, kind) => log.push(`loaded ${kind} ${name}`),
      transactionDropped: () => executed.push("dropped"),
      rdb: {
        auxiliary: () => {},
        functionLibrary: () => undefined,
        modulePassedOver: () => {},
        emptyKeyPassedOver: () => {},
      },
    },
  );
  while (!loader.step(stepBytes));
  return { loader, executed, log, harness };
}

/** A disk with files of the append-only file's directory, and a manifest of them. */
function diskWith(files: Record<string, string | Uint8Array>): [FaultDisk, AofManifest] {
  const disk = new FaultDisk(1);
  disk.makeDirectory("./appendonlydir");
  const lines: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    disk.place(`./appendonlydir/${name}`, Buffer.from(text));
    lines.push(
      `file ${name} seq ${lines.length + 1} type ${name.startsWith("base") ? "b" : "i"}\n`,
    );
  }
  const manifest = parseManifest(Buffer.from(lines.join("")));
  return [disk, manifest];
}

/** Loads one incremental file. */
function loadText(text: string, options: Partial<AofLoadOptions> = {}, stepBytes = 10): Loaded {
  return load(...diskWith({ "incr.aof": text }), stepBytes, options);
}

function assertFails(act: () => unknown, message: RegExp, offset?: number): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof AofError, String(error));
    assert.match(error.message, message);
    if (offset !== undefined) assert.equal(error.offset, offset);
    return true;
  });
}

const set1 = command("SET", "k", "1");
const set2 = command("SET", "k", "two\r\nlines");

describe("whole files", () => {
  test("base, then incremental files in order, notes and empty files", () => {
    const [disk, manifest] = diskWith({
      "base.rdb": rdb,
      "incr1.aof": `#TS:1700000000\r\n${set1}#other\r\n`,
      "incr2.aof": "",
      "incr3.aof": `${command("MULTI")}${set2}${command("EXEC")}`,
    });
    for (const stepBytes of [1, 1000, Infinity]) {
      const { loader, executed, log, harness } = load(disk, manifest, stepBytes);
      assert.deepEqual(executed, [
        "at 1700000000",
        "SET k 1",
        "MULTI",
        "SET k two\r\nlines",
        "EXEC",
      ]);
      assert.deepEqual(log, [
        "Reading RDB base file on AOF loading...",
        "loaded base base.rdb",
        "loaded incr incr1.aof",
        "loaded incr incr3.aof",
      ]);
      assert.equal(harness.run("GET", "used"), "abc");
      assert.equal(loader.loadedBytes, loader.totalBytes);
      assert.equal(loader.baseBytes, rdb.length);
      assert.equal(loader.cut, undefined);
    }
  });

  test("commands behind an RDB preamble", () => {
    const disk = new FaultDisk(1);
    disk.place("./appendonlydir/appendonly.aof", Buffer.concat([rdb, Buffer.from(set1)]));
    const manifest = {
      base: { name: "appendonly.aof", sequence: 1 },
      history: [],
      incrementals: [],
    };
    const { executed, log, harness } = load(disk, manifest);
    assert.deepEqual(executed, ["SET k 1"]);
    assert.equal(harness.run("GET", "fresh"), "value");
    assert.equal(log[0], "Reading RDB preamble from AOF file...");
    assert.equal(log[1], "Reading the remaining AOF tail...");
  });

  test("arguments and commands longer than the window", () => {
    const long = "x".repeat(3 << 20);
    const many = Array.from({ length: 90_000 }, (_, index) => `member ${index}`);
    const text = `${command("SET", "k", long)}${command("SADD", "s", ...many)}${set1}`;
    const { executed } = loadText(text, {}, 1 << 20);
    assert.equal(executed.length, 3);
    assert.equal(executed[0].length, long.length + 6);
    assert.ok(executed[1].endsWith("member 89999"));
  });

  test("nothing to load", () => {
    const { loader } = load(new FaultDisk(1), { base: undefined, history: [], incrementals: [] });
    assert.equal(loader.totalBytes, 0);
  });
});

describe("torn ends", () => {
  const text = `${set1}${command("MULTI")}${set2}${command("EXEC")}${set1}`;
  /** Where the file is good: after each command that is no part of a transaction. */
  const boundaries = [0, set1.length, text.length - set1.length, text.length];

  test("a file cut at any byte keeps its whole commands and transactions", () => {
    for (let length = 0; length <= text.length; length++) {
      const [disk, manifest] = diskWith({ "incr.aof": text.slice(0, length) });
      const { loader, executed } = load(disk, manifest);
      const good = boundaries.findLast((boundary) => boundary <= length) ?? 0;
      const left = disk.contentOf("./appendonlydir/incr.aof").length;
      assert.equal(left, good, `cut at ${length}`);
      if (good === length) assert.equal(loader.cut, undefined);
      else {
        assert.deepEqual(loader.cut, {
          name: "incr.aof",
          keptBytes: good,
          lostBytes: length - good,
        });
        assert.equal(executed.at(-1), "dropped");
      }
    }
  });

  test("zeros where the file system has not written are a torn end", () => {
    for (let length = 0; length < text.length; length++) {
      const torn = text.slice(0, length) + "\0".repeat(700);
      const [disk, manifest] = diskWith({ "incr.aof": torn });
      load(disk, manifest);
      const good = boundaries.findLast((boundary) => boundary <= length) ?? 0;
      assert.equal(disk.contentOf("./appendonlydir/incr.aof").length, good, `zeros at ${length}`);
    }
  });

  test("what the log says", () => {
    assert.deepEqual(loadText(set1 + set2.slice(0, 9)).log, [
      "!!! Warning: short read while loading the AOF file incr.aof!!!",
      "!!! Truncating the AOF incr.aof at offset 27 !!!",
      "AOF incr.aof loaded anyway because aof-load-truncated is enabled",
      "loaded incr incr.aof",
    ]);
    const open = loadText(command("MULTI") + set1);
    assert.equal(open.log[0], "Revert incomplete MULTI/EXEC transaction in AOF file incr.aof");
  });

  test("without aof-load-truncated nothing is cut", () => {
    const [disk, manifest] = diskWith({ "incr.aof": text.slice(0, -1) });
    const message = /^Unexpected end of file reading the append only file incr\.aof\. You can: 1\)/;
    assertFails(() => load(disk, manifest, 10, { cutsTornEnd: false }), message, boundaries[2]);
    assert.equal(disk.contentOf("./appendonlydir/incr.aof").length, text.length - 1);
  });

  test("a file that is not the last may not end in the middle, and is left as it is", () => {
    const [disk, manifest] = diskWith({ "a.aof": text.slice(0, -1), "b.aof": set1 });
    assertFails(
      () => load(disk, manifest),
      /^Fatal error: the truncated file is not the last file$/,
    );
    assert.equal(disk.contentOf("./appendonlydir/a.aof").length, text.length - 1);
  });

  test("a torn command right behind a preamble leaves the preamble", () => {
    const disk = new FaultDisk(1);
    disk.place("./appendonlydir/base", Buffer.concat([rdb, Buffer.from("*1\r\n$4")]));
    load(disk, { base: { name: "base", sequence: 1 }, history: [], incrementals: [] });
    assert.equal(disk.contentOf("./appendonlydir/base").length, rdb.length);
  });
});

describe("damage", () => {
  test("what is no command", () => {
    const format = /^Bad file format reading the append only file incr\.aof: make a backup/;
    const bad = ["SET k v\r\n", "*0\r\n", "*-1\r\n", "*x\r\n", "*1\n$4\nPING\n", "*1\r\n+OK\r\n"];
    bad.push(
      "*1\r\n$-1\r\n",
      "*1\r\n$4\r\nPINGxx",
      "\0\0x",
      "*9999999999\r\n",
      `#${"x".repeat(2000)}`,
    );
    for (const text of bad) assertFails(() => loadText(set1 + text), format, set1.length);
  });

  test("an unknown command, a missing file, a broken base", () => {
    const unknown = /^Unknown command 'NONSENSE' reading the append only file incr\.aof$/;
    assertFails(() => loadText(set1 + command("NONSENSE", "x")), unknown, set1.length);
    const [disk, manifest] = diskWith({ "a.aof": set1, "b.aof": set1 });
    disk.remove("./appendonlydir/b.aof");
    const missing = "Unable to obtain the AOF file b.aof length. stat: No such file or directory";
    assertFails(() => load(disk, manifest), new RegExp(`^${missing}$`));
    const broken = diskWith({ "base.rdb": rdb.subarray(0, -9), "incr.aof": set1 });
    assertFails(
      () => load(...broken),
      /^Error reading the RDB base file base\.rdb, AOF loading aborted$/,
    );
  });

  test("bytes that are others", () => {
    const random = seededRandom(firstSeed);
    const text = `${set1}${command("MULTI")}${set2}${command("EXEC")}#TS:17\r\n${set1}`;
    for (let round = 0; round < 500; round++) {
      const bytes = Buffer.from(text);
      bytes[random.below(bytes.length)] = random.below(256);
      try {
        load(...diskWith({ "incr.aof": bytes }), 1000);
      } catch (error) {
        assert.ok(error instanceof AofError, `seed ${firstSeed}, round ${round}: ${String(error)}`);
      }
    }
  });
});

describe("the manifest on the disk", () => {
  test("there is none, it is written, it is there", () => {
    const disk = new FaultDisk(1);
    disk.makeDirectory("./appendonlydir");
    disk.syncDirectory(".");
    assert.equal(loadManifest(disk, place), undefined);
    const manifest = parseManifest(Buffer.from("file a seq 1 type b\n"));
    saveManifest(disk, place, manifest);
    assert.deepEqual(loadManifest(disk.crash(), place), manifest);
  });

  test("an old file is moved into the directory, whenever the power fails", () => {
    for (let operations = 0; ; operations++) {
      const disk = new FaultDisk(operations);
      disk.place("./appendonly.aof", Buffer.from(set1));
      disk.faults.operationsLeft = operations;
      let isDone = false;
      try {
        isDone = upgradeOldAof(disk, place, undefined).isMoved;
      } catch (error) {
        assert.ok(error instanceof PowerLoss);
      }
      const after = disk.crash();
      const { manifest } = upgradeOldAof(after, place, loadManifest(after, place));
      assert.deepEqual(load(after, manifest).executed, ["SET k 1"], `after ${operations}`);
      assert.equal(upgradeOldAof(after, place, manifest).isMoved, false);
      if (isDone) return;
    }
  });

  test("an old file beside a manifest that knows others stays where it is", () => {
    const [disk, manifest] = diskWith({ "base.rdb": rdb, "incr.aof": set1 });
    disk.place("./appendonly.aof", Buffer.from(set2));
    assert.equal(upgradeOldAof(disk, place, manifest).isMoved, false);
    assert.ok(disk.exists("./appendonly.aof"));
  });
});
