// Which temporary files go when a server starts, and which stay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultDisk } from "../../test/support/fault-disk.ts";
import type { PersistenceContext } from "./settings.ts";
import { receivedPath, removeAbandoned } from "./received-files.ts";

const ownId = 7;
const runningIds = new Set([ownId, 8]);

test("files of those who are gone are removed, and nothing else", () => {
  const disk = new FaultDisk(1);
  disk.makeDirectory("data");
  const log: string[] = [];
  const context = {
    settings: { dir: "data" },
    processId: ownId,
    isRunning: (id: number) => runningIds.has(id),
    log: (_: string, text: string) => void log.push(text),
  } as unknown as PersistenceContext;
  const own = ["temp-received-7.rdb", "temp-received-8.rdb"];
  const kept = ["dump.rdb", "temp-9.rdb", "temp-received-x.rdb", ...own];
  const abandoned = ["temp-received-9.rdb", "temp-received-1234567.rdb"];
  for (const name of [...kept, ...abandoned]) disk.open(`data/${name}`, "create").close();
  removeAbandoned(disk, context);
  assert.deepEqual(disk.list("data").toSorted(), kept.toSorted());
  assert.equal(log.length, abandoned.length);
  assert.equal(receivedPath(context), "data/temp-received-7.rdb");
});
