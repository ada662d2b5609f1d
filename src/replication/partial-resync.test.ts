// Who may go on from where, by id and offset: the cases that Redis's
// masterTryPartialResynchronization tells apart.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KnownHistory } from "./partial-resync.ts";
import { decidePartialResync } from "./partial-resync.ts";

const id = "a".repeat(40);
const secondId = "b".repeat(40);
/** Bytes 101 to 200 are kept of a stream whose first 150 were written under the second id. */
const history: KnownHistory = {
  id,
  secondId,
  secondOffset: 151,
  offset: 200,
  firstOffset: 101,
  keptBytes: 100,
  backlog: {},
};

function decide(asked: string, offset: number, known: KnownHistory = history): string {
  const decision = decidePartialResync(known, { id: asked, offset }, "replica");
  if (decision.isGranted) return "granted";
  return decision.log.map(({ text }) => text.replaceAll(/[a-f]{40}/g, "ID")).join(" | ");
}

test("from the first byte that is kept to the one that comes next", () => {
  assert.equal(decide(id, 101), "granted");
  assert.equal(decide(id, 201), "granted");
  assert.equal(decide(id.toUpperCase(), 150), "granted");
  const lack = "Unable to partial resync with replica replica for lack of backlog";
  assert.equal(decide(id, 100), `${lack} (Replica request was: 100).`);
  assert.equal(
    decide(id, 202),
    `${lack} (Replica request was: 202). | Warning: replica replica tried to PSYNC with an ` +
      "offset that is greater than the master replication offset.",
  );
});

test("by the second id up to where the history became another", () => {
  assert.equal(decide(secondId, 151), "granted");
  assert.equal(
    decide(secondId, 152),
    "Partial resynchronization not accepted: Requested offset for second ID was 152, but I can " +
      "reply up to 151",
  );
});

test("by no other id, and not without a backlog", () => {
  assert.match(decide("c".repeat(40), 150), /Replication ID mismatch \(Replica asked for 'ID'/);
  assert.equal(decide("?", -1), "Full resync requested by replica replica");
  const { backlog: _, ...rest } = history;
  const without = { ...rest, backlog: undefined, firstOffset: 0, keptBytes: 0 } as never;
  assert.match(decide(id, 200, without), /for lack of backlog/);
});
