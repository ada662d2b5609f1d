// The disk that fails must itself be right: what was synced survives, what was not may not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DiskError, type DiskFile } from "../../src/persistence/disk.ts";
import { FaultDisk, PowerLoss } from "../support/fault-disk.ts";

const seeds = Array.from({ length: 200 }, (_, index) => index);

function write(file: DiskFile, text: string): number {
  const bytes = Buffer.from(text);
  return file.write(bytes, 0, bytes.length);
}

function textOf(disk: FaultDisk, path: string): string {
  return Buffer.from(disk.contentOf(path)).toString("latin1");
}

function isError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof DiskError && error.code === code;
}

test("what was synced, name and bytes, survives a loss of power; other bytes may", () => {
  const lengths = new Set<number>();
  let namesLost = 0;
  let torn = 0;
  for (const seed of seeds) {
    const disk = new FaultDisk(seed);
    const file = disk.open("d/a", "create");
    write(file, "synced.");
    file.sync();
    disk.syncDirectory("d");
    write(file, "unsynced");
    disk.open("d/b", "create").sync();
    const after = disk.crash();
    const text = textOf(after, "d/a");
    assert.ok(text.startsWith("synced."));
    const tail = text.slice(7);
    if (tail.includes("\0")) torn++;
    else assert.ok("unsynced".startsWith(tail), tail);
    lengths.add(tail.length);
    if (!after.exists("d/b")) namesLost++;
    assert.throws(() => disk.exists("d/a"), PowerLoss);
  }
  assert.equal(lengths.size, 9);
  assert.ok(torn > 0);
  assert.ok(namesLost > 0 && namesLost < seeds.length);
});

test("a rename that was not synced has happened or has not, never by half", () => {
  const found = new Set<string>();
  for (const seed of seeds) {
    const disk = new FaultDisk(seed);
    disk.place("d/new", Buffer.from("new"));
    disk.place("d/old", Buffer.from("old"));
    disk.rename("d/new", "d/old");
    assert.equal(textOf(disk, "d/old"), "new");
    const after = disk.crash();
    found.add(
      after
        .list("d")
        .map((name) => `${name}:${textOf(after, `d/${name}`)}`)
        .join(" "),
    );
  }
  assert.deepEqual([...found].toSorted(), ["new:new old:old", "old:new"]);
});

test("a cut that was not synced may be undone", () => {
  const found = new Set<string>();
  for (const seed of seeds) {
    const disk = new FaultDisk(seed);
    disk.place("a", Buffer.from("0123456789"));
    disk.open("a", "append").truncate(4);
    found.add(textOf(disk.crash(), "a"));
  }
  assert.deepEqual([...found].toSorted(), ["0123", "0123456789"]);
});

test("writes are short, the space ends, the disk fails, the power goes, as told", () => {
  const disk = new FaultDisk(1);
  const file = disk.open("a", "create");
  disk.faults.shortWriteOneIn = 1;
  const taken = write(file, "0123456789");
  assert.ok(taken > 0 && taken < 10);
  disk.faults.shortWriteOneIn = 0;
  disk.faults.spaceBytes = 3;
  assert.equal(write(file, "0123456789"), 3);
  assert.throws(() => write(file, "0"), isError("ENOSPC"));
  disk.faults.spaceBytes = Infinity;
  disk.faults.goodBytes = 0;
  assert.throws(() => write(file, "0"), isError("EIO"));
  disk.faults.goodBytes = Infinity;
  disk.faults.goodSyncs = 0;
  assert.throws(() => file.sync(), isError("EIO"));
  disk.faults.operationsLeft = 1;
  assert.equal(write(file, "0"), 1);
  assert.throws(() => write(file, "0"), PowerLoss);
});

test("calls that happen later happen in order, each in a turn of its own", () => {
  const disk = new FaultDisk(1);
  const file = disk.open("a", "create");
  const told: string[] = [];
  file.writeLater(Buffer.from("x"), (error) => told.push(`write ${error?.code ?? "done"}`));
  file.syncLater((error) => told.push(`sync ${error?.code ?? "done"}`));
  disk.faults.goodSyncs = 0;
  assert.equal(textOf(disk, "a"), "");
  assert.ok(disk.turn());
  assert.deepEqual(told, ["write done"]);
  assert.ok(disk.turn());
  assert.ok(!disk.turn());
  assert.deepEqual(told, ["write done", "sync EIO"]);
});

test("what is in a directory that was not synced itself is lost with it", () => {
  const found = new Set<string>();
  for (const seed of seeds) {
    const disk = new FaultDisk(seed);
    disk.makeDirectory("d/e");
    disk.open("d/e/a", "create").sync();
    disk.syncDirectory("d/e");
    const after = disk.survivor();
    found.add(`${String(after.exists("d/e"))} ${String(after.exists("d/e/a"))}`);
    disk.syncDirectory("d");
    assert.ok(disk.survivor().exists("d/e/a"));
  }
  assert.deepEqual([...found].toSorted(), ["false false", "true true"]);
});

test("a call that is under way is done though its file is closed; one call alone fails", () => {
  const disk = new FaultDisk(1);
  const file = disk.open("a", "create");
  const told: string[] = [];
  file.writeLater(Buffer.from("x"), (error) => told.push(error?.code ?? "done"));
  file.close();
  assert.ok(disk.turn());
  assert.deepEqual(told, ["done"]);
  assert.equal(textOf(disk, "a"), "x");
  disk.faults.goodCalls = 1;
  disk.rename("a", "b");
  assert.throws(() => disk.remove("b"), isError("EIO"));
  disk.remove("b");
});
