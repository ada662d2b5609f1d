#!/usr/bin/env node
// The program respite-check-aof: says whether an append-only file, or all the files of a manifest,
// can be loaded, and cuts off what is not valid when told to, as redis-check-aof does. The exit
// code is 0 when the files are valid, or were made so.
import { readSync } from "node:fs";
import { seededRandom } from "./bytes/random.ts";
import { Keyspace } from "./keyspace/keyspace.ts";
import type { AofCheckOptions } from "./persistence/aof-check.ts";
import { AofCheck, CheckFailure } from "./persistence/aof-check.ts";
import { DiskError } from "./persistence/disk.ts";
import { NodeDisk } from "./server/node-disk.ts";
import { version } from "./server/version.ts";

const usage =
  "Usage: respite-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n";
const standardInput = 0;

function main(words: readonly string[]): number {
  const [option, ...rest] = words;
  if (words.length === 1) {
    if (option !== "-v" && option !== "--version") {
      return check(option, { fixes: false, untilSeconds: 0 });
    }
    process.stdout.write(`respite-check-aof ${version}\n`);
    return 0;
  }
  if (words.length === 2 && option === "--fix") {
    return check(rest[0], { fixes: true, untilSeconds: 0 });
  }
  if (words.length === 3 && option === "--truncate-to-timestamp") {
    if (/^\s*[+-]?\d+$/.test(rest[0])) {
      return check(rest[1], { fixes: false, untilSeconds: Number(rest[0]) });
    }
    process.stdout.write("Invalid timestamp, aborting...\n");
    return 1;
  }
  process.stdout.write(usage);
  return 1;
}

function check(path: string, options: AofCheckOptions): number {
  const keyspace = new Keyspace({ databases: 1, random: seededRandom(Date.now()) });
  keyspace.setTime(Date.now());
  try {
    new AofCheck({ disk: new NodeDisk(), keyspace, print, confirm }, options).run(path);
    return 0;
  } catch (error) {
    if (error instanceof DiskError) print(`Cannot read file ${path}: ${error.message}`);
    else if (!(error instanceof CheckFailure)) throw error;
    return 1;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Asks on the terminal, or reads the answer from a pipe; anything but a yes is a no. */
function confirm(question: string): boolean {
  process.stdout.write(question);
  const answer = new Uint8Array(1);
  try {
    readSync(standardInput, answer, 0, 1, null);
  } catch {
    return false;
  }
  return /y/i.test(String.fromCharCode(answer[0]));
}

process.exitCode = main(process.argv.slice(2));
