#!/usr/bin/env node
// The program respite-check-rdb: says what is in an RDB file and whether it can be loaded, as
// redis-check-rdb does. The exit code is 0 when it can.
import { seededRandom } from "./bytes/random.ts";
import { Keyspace } from "./keyspace/keyspace.ts";
import { DiskError } from "./persistence/disk.ts";
import { RdbCheck } from "./persistence/rdb-check.ts";
import { NodeDisk } from "./server/node-disk.ts";
import { version } from "./server/version.ts";

function main(words: readonly string[]): number {
  const [name] = words;
  if (name === undefined || words.length !== 1) {
    process.stderr.write("Usage: respite-check-rdb <rdb-file-name>\n");
    return 1;
  }
  if (name === "-v" || name === "--version") {
    process.stdout.write(`respite-check-rdb ${version}\n`);
    return 0;
  }
  const keyspace = new Keyspace({ databases: 1, random: seededRandom(Date.now()) });
  keyspace.setTime(Date.now());
  try {
    print(`[offset 0] Checking RDB file ${name}`);
    const file = new NodeDisk().open(name, "read");
    return new RdbCheck(keyspace, file, print).run() ? 0 : 1;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    process.stderr.write(`Cannot open file ${name}: ${error.message}\n`);
    return 1;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = main(process.argv.slice(2));
