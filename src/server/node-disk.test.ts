// The disk that the server uses, against a real directory.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DiskError, type DiskFile } from "../persistence/disk.ts";
import { NodeDisk } from "./node-disk.ts";

const root = mkdtempSync(join(tmpdir(), "respite-disk-"));
after(() => rmSync(root, { recursive: true, force: true }));
const disk = new NodeDisk();
let fileCount = 0;

function freshPath(): string {
  return join(root, `file-${fileCount++}`);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function writeText(file: DiskFile, text: string): void {
  const bytes = bytesOf(text);
  assert.equal(file.write(bytes, 0, bytes.length), bytes.length);
}

function later(call: (done: (error: DiskError | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error === undefined ? resolve() : reject(error)));
  });
}

function hasCode(code: string, message?: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof DiskError &&
    error.code === code &&
    (message === undefined || error.message === message);
}

test("what was written is read back, from anywhere and past the end", () => {
  const file = disk.open(freshPath(), "create");
  writeText(file, "hello, ");
  writeText(file, "world");
  assert.equal(file.size(), 12);
  const bytes = new Uint8Array(16).fill(0x2e);
  assert.equal(file.read(bytes, 2, 14, 7), 5);
  assert.equal(new TextDecoder().decode(bytes), "..world.........");
  assert.equal(file.read(bytes, 0, 4, 12), 0);
  file.close();
});

test("append goes behind what is there, create empties it", () => {
  const path = freshPath();
  writeFileSync(path, "one ");
  const file = disk.open(path, "append");
  writeText(file, "two");
  file.close();
  assert.equal(readFileSync(path, "utf8"), "one two");
  disk.open(path, "create").close();
  assert.equal(readFileSync(path, "utf8"), "");
});

test("after a cut the next write is where the cut was", () => {
  const path = freshPath();
  const file = disk.open(path, "append");
  writeText(file, "0123456789");
  file.truncate(4);
  writeText(file, "ab");
  file.sync();
  file.close();
  assert.equal(readFileSync(path, "utf8"), "0123ab");
});

test("writes beside the event loop keep their order with those that are at once", async () => {
  const path = freshPath();
  const file = disk.open(path, "create");
  const large = new Uint8Array(3 << 20).fill(0x61);
  const written = later((done) => file.writeLater(large, done));
  writeText(file, "end");
  await written;
  await later((done) => file.syncLater(done));
  assert.equal(file.size(), large.length + 3);
  file.close();
  assert.equal(readFileSync(path, "utf8"), `${"a".repeat(large.length)}end`);
});

test("a file that is closed while a call is under way is closed after it", async () => {
  const path = freshPath();
  const file = disk.open(path, "create");
  const written = later((done) => file.writeLater(bytesOf("kept"), done));
  const synced = later((done) => file.syncLater(done));
  file.close();
  const other = disk.open(freshPath(), "create");
  await Promise.all([written, synced]);
  assert.equal(other.size(), 0);
  other.close();
  assert.equal(readFileSync(path, "utf8"), "kept");
});

test("errors have the system's code and the C library's text", async () => {
  const missing = freshPath();
  assert.throws(() => disk.open(missing, "read"), hasCode("ENOENT", "No such file or directory"));
  assert.throws(() => disk.remove(missing), hasCode("ENOENT"));
  assert.throws(() => disk.rename(missing, freshPath()), hasCode("ENOENT"));
  assert.throws(() => disk.syncDirectory(missing), hasCode("ENOENT"));
  assert.throws(() => disk.open(root, "append"), hasCode("EISDIR", "Is a directory"));
  writeFileSync(missing, "x");
  assert.throws(() => disk.makeDirectory(missing), hasCode("EEXIST"));
  const file = disk.open(missing, "read");
  assert.throws(() => file.write(bytesOf("y"), 0, 1), hasCode("EBADF"));
  await assert.rejects(
    later((done) => file.writeLater(bytesOf("y"), done)),
    hasCode("EBADF"),
  );
  file.close();
});

test("directories are made, listed and synced; one that is not there has no names", () => {
  const directory = join(root, "directory");
  assert.deepEqual(disk.list(directory), []);
  disk.makeDirectory(directory);
  disk.makeDirectory(directory);
  const from = join(directory, "a");
  const to = join(directory, "b");
  disk.open(from, "create").close();
  writeFileSync(to, "old");
  disk.rename(from, to);
  disk.syncDirectory(directory);
  assert.deepEqual(disk.list(directory), ["b"]);
  assert.equal(readFileSync(to, "utf8"), "");
  assert.ok(disk.exists(to));
  disk.remove(to);
  assert.ok(!disk.exists(to));
});
