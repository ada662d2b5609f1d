// respite-check-rdb and respite-check-aof beside the real redis-check-rdb and redis-check-aof: the
// same files, the same arguments, the same answers, exit codes and files left behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { AofCheck, CheckFailure } from "../../src/persistence/aof-check.ts";
import type { DiskFile } from "../../src/persistence/disk.ts";
import { RdbCheck } from "../../src/persistence/rdb-check.ts";
import { NodeDisk } from "../../src/server/node-disk.ts";
import { reasonToSkip } from "../support/real-redis.ts";

const skip = reasonToSkip();
const source = join(import.meta.dirname, "..", "..", "src");
const golden = join(import.meta.dirname, "..", "golden");
const root = fs.mkdtempSync(join(tmpdir(), "respite-check-"));
after(() => fs.rmSync(root, { recursive: true, force: true }));

const rdb = readFileSync(join(golden, "redis-7.0-lfu.rdb"));
const checksum = 8;

function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

const set = command("SET", "k", "v");
const multi = command("MULTI");
const exec = command("EXEC");

const files: Record<string, string | Uint8Array> = {
  "all.rdb": readFileSync(join(golden, "redis-7.0.rdb")),
  "good.rdb": rdb,
  "no-checksum.rdb": readFileSync(join(golden, "redis-7.0-lru.rdb")),
  "wrong-checksum.rdb": Buffer.concat([rdb.subarray(0, -checksum), Buffer.alloc(checksum, 1)]),
  "in-a-key.rdb": rdb.subarray(0, 90),
  "in-a-value.rdb": rdb.subarray(0, 95),
  "between-keys.rdb": rdb.subarray(0, 96),
  "empty.rdb": "",
  "signature.rdb": "RUDIS0010",
  "version.rdb": "REDIS0099xx",
  "type.rdb": "REDIS0010\x40",
  "good.aof": set + set,
  "torn.aof": set + set.slice(0, -3),
  "transaction.aof": set + multi + set,
  "text.aof": `${set}hello\r\n`,
  "length.aof": `${set}*1\r\n$x\r\n`,
  "newline.aof": `${set}*1\r\n$4\r\nPINGxx*1\r\n`,
  "prefix.aof": `${set}*1\r\n+4\r\nPING\r\n`,
  "negative.aof": `${set}*1\r\n$-1\r\n`,
  "multi-twice.aof": multi + multi + exec,
  "exec-alone.aof": set + exec,
  "no-words.aof": `${set}*0\r\n${set}`,
  "empty.aof": "",
  "notes.aof": `#TS:100\r\n${set}#TS:200\r\n${set}`,
  "wrong-note.aof": `#TS:abc\r\n${set}`,
  "preamble.aof": Buffer.concat([rdb, Buffer.from(set)]),
  "preamble-torn.aof": Buffer.concat([rdb, Buffer.from(set.slice(0, -6))]),
  "preamble-bad.aof": Buffer.concat([rdb.subarray(0, -30), Buffer.from(set)]),
  "good.manifest":
    "file good.rdb seq 1 type b\nfile good.aof seq 1 type i\nfile empty.aof seq 2 type i\n",
  "torn.manifest": "file good.rdb seq 1 type b\nfile torn.aof seq 1 type i\n",
  "torn-first.manifest": "file torn.aof seq 1 type i\nfile good.aof seq 2 type i\n",
  "missing.manifest": "file nowhere seq 1 type b\n",
};

/** A folder with all files as they were. */
function folder(name: string): string {
  const path = join(root, name);
  fs.mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

interface Outcome {
  readonly text: string;
  readonly status: number | null;
}

function run(program: readonly string[], cwd: string, words: string[], input: string): Outcome {
  const [name, ...first] = program;
  const { stdout, status } = spawnSync(name, [...first, ...words], {
    cwd,
    input,
    encoding: "latin1",
  });
  return { text: stdout.replaceAll("redis-check", "respite-check"), status };
}

/** The server's disk, paths being relative to a folder. */
class FolderDisk extends NodeDisk {
  readonly #folder: string;

  constructor(inFolder: string) {
    super();
    this.#folder = inFolder;
  }

  override open(path: string, mode: "read" | "append" | "create"): DiskFile {
    return super.open(join(this.#folder, path), mode);
  }
}

/** What our check does, without a process of its own. */
function check(cwd: string, words: string[], input: string): Outcome {
  const keyspace = new Keyspace({ databases: 1, random: seededRandom(1) });
  keyspace.setTime(Date.now());
  const disk = new FolderDisk(cwd);
  let text = "";
  const print = (line: string): void => void (text += `${line}\n`);
  const name = words.at(-1) ?? "";
  if (name.endsWith(".rdb")) {
    print(`[offset 0] Checking RDB file ${name}`);
    const isGood = new RdbCheck(keyspace, disk.open(name, "read"), print).run();
    return { text, status: isGood ? 0 : 1 };
  }
  const confirm = (question: string): boolean => {
    text += question;
    return input.startsWith("y");
  };
  const untilSeconds = words.length === 3 ? Number(words[1]) : 0;
  const options = { fixes: words[0] === "--fix", untilSeconds };
  try {
    new AofCheck({ disk, keyspace, print, confirm }, options).run(name);
    return { text, status: 0 };
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    return { text, status: 1 };
  }
}

type Check = (cwd: string, words: string[], input: string) => Outcome;

/** The programs themselves. */
const checkRdb: Check = (cwd, words, input) =>
  run([process.execPath, join(source, "check-rdb.ts")], cwd, words, input);
const checkAof: Check = (cwd, words, input) =>
  run([process.execPath, join(source, "check-aof.ts")], cwd, words, input);

/** Runs both, each in its folder, and compares all that can be seen of it. */
function compare(tool: "rdb" | "aof", words: string[], input = "", ours: Check = check): Outcome {
  const theirFolder = folder("theirs");
  const ourFolder = folder("ours");
  const expected = run([`redis-check-${tool}`], theirFolder, words, input);
  const actual = ours(ourFolder, words, input);
  assert.deepEqual(actual, expected, `${tool} ${words.join(" ")}`);
  for (const file of readdirSync(theirFolder)) {
    const left = readFileSync(join(theirFolder, file));
    assert.deepEqual(readFileSync(join(ourFolder, file)), left, file);
  }
  return actual;
}

describe("respite-check-rdb", { skip }, () => {
  for (const name of Object.keys(files).filter((file) => file.endsWith(".rdb"))) {
    test(name, () => {
      const isGood = ["all.rdb", "good.rdb", "no-checksum.rdb"].includes(name);
      assert.equal(compare("rdb", [name]).status, isGood ? 0 : 1);
    });
  }

  test("the program", () => {
    assert.equal(compare("rdb", [], "", checkRdb).status, 1);
    assert.equal(compare("rdb", ["nowhere.rdb"], "", checkRdb).status, 1);
    assert.equal(compare("rdb", ["all.rdb"], "", checkRdb).status, 0);
  });
});

describe("respite-check-aof", { skip }, () => {
  for (const name of Object.keys(files).filter((file) => !file.endsWith(".rdb"))) {
    test(name, () => {
      assert.notEqual(compare("aof", [name]).text, "");
    });
  }

  for (const name of ["torn.aof", "transaction.aof", "torn.manifest", "torn-first.manifest"]) {
    for (const answer of ["y\n", "n\n", ""]) {
      test(`--fix ${name}, the answer ${JSON.stringify(answer)}`, () => {
        compare("aof", ["--fix", name], answer);
      });
    }
  }

  for (const name of ["notes.aof", "wrong-note.aof", "good.aof"]) {
    for (const seconds of ["50", "150", "250"]) {
      test(`--truncate-to-timestamp ${seconds} ${name}`, () => {
        compare("aof", ["--truncate-to-timestamp", seconds, name]);
      });
    }
  }

  test("the program", () => {
    assert.equal(compare("aof", [], "", checkAof).status, 1);
    assert.equal(compare("aof", ["--fix", "torn.aof"], "y\n", checkAof).status, 0);
    compare("aof", ["--fix", "torn.aof"], "", checkAof);
    compare("aof", ["--truncate-to-timestamp", "150", "notes.aof"], "", checkAof);
    compare("aof", ["--truncate-to-timestamp", "soon", "good.aof"], "", checkAof);
    compare("aof", ["nowhere.aof"], "", checkAof);
  });
});

test("what is wrong with a manifest is told", () => {
  const cwd = folder("manifest");
  writeFileSync(join(cwd, "bad.manifest"), "file good.rdb seq 0 type b\n");
  const { text, status } = check(cwd, ["bad.manifest"], "");
  assert.equal(status, 1);
  assert.match(text, />>> 'file good\.rdb seq 0 type b'\n\nInvalid AOF manifest file format\n/);
});
