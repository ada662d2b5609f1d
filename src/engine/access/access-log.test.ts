// What the log of refusals keeps, what it puts together, and what it counts.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Denial } from "./access-log.ts";
import { AccessLog } from "./access-log.ts";

const denial: Denial = { reason: "key", context: "toplevel", object: "k", userName: "u" };

function shown(log: AccessLog): string[] {
  return log.latest(100).map(({ id, object, count }) => `${id} ${object} x${count}`);
}

test("refusals that are alike share an entry, which comes to the front", () => {
  const log = new AccessLog();
  log.add(denial, 1000, "first");
  log.add({ ...denial, object: "other" }, 1001, "");
  log.add(denial, 61_000, "last");
  assert.deepEqual(shown(log), ["0 k x2", "1 other x1"]);
  const [{ createdMs, updatedMs, clientInfo }] = log.latest(1);
  assert.deepEqual([createdMs, updatedMs, clientInfo], [1000, 61_000, "last"]);
});

test("what differs in anything, or came long before, has an entry of its own", () => {
  const log = new AccessLog();
  log.add(denial, 1000, "");
  log.add({ ...denial, userName: "v" }, 1000, "");
  log.add({ ...denial, reason: "channel" }, 1000, "");
  log.add({ ...denial, context: "multi" }, 1000, "");
  log.add(denial, 61_001, "");
  assert.equal(shown(log).length, 5);
  assert.deepEqual(log.counts, { auth: 0, command: 0, key: 4, channel: 1 });
});

test("only the ten latest entries are looked at", () => {
  const log = new AccessLog();
  log.add(denial, 1000, "");
  for (let each = 0; each < 10; each++) log.add({ ...denial, object: `o${each}` }, 1000, "");
  log.add(denial, 1000, "");
  assert.equal(shown(log)[0], "11 k x1");
});

test("the oldest go when there are too many, and ids go on after a reset", () => {
  const log = new AccessLog();
  log.lengthMax = 2;
  for (const object of ["a", "b", "c"]) log.add({ ...denial, object }, 1000, "");
  assert.deepEqual(shown(log), ["2 c x1", "1 b x1"]);
  log.reset();
  log.add(denial, 1000, "");
  assert.deepEqual(shown(log), ["3 k x1"]);
  log.lengthMax = 0;
  assert.equal(shown(log).length, 1);
  log.add(denial, 1000, "");
  assert.deepEqual(shown(log), []);
  assert.equal(log.counts.key, 5);
});
