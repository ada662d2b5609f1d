// How many sessions are remembered, and for how long.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TlsSessionCache } from "./tls-session-cache.ts";

const id = (text: string): Buffer => Buffer.from(text);

test("a session is found until its time is over", () => {
  let nowMs = 5;
  const cache = new TlsSessionCache({ sessionsMax: 0, lifetimeSeconds: 2, nowMs: () => nowMs });
  cache.add(id("a"), Buffer.from("session"));
  nowMs = 2004;
  assert.equal(cache.find(id("a"))?.toString(), "session");
  nowMs = 2005;
  assert.equal(cache.find(id("a")), undefined);
  nowMs = 0;
  assert.equal(cache.find(id("a")), undefined);
});

test("the oldest session gives way, and one that is added again is the newest", () => {
  const cache = new TlsSessionCache({ sessionsMax: 2, lifetimeSeconds: 1, nowMs: () => 0 });
  for (const name of ["a", "b", "a", "c"]) cache.add(id(name), id(`session of ${name}`));
  assert.equal(cache.find(id("b")), undefined);
  assert.equal(cache.find(id("a"))?.toString(), "session of a");
  assert.equal(cache.find(id("c"))?.toString(), "session of c");
});

test("without a limit all are kept", () => {
  const cache = new TlsSessionCache({ sessionsMax: 0, lifetimeSeconds: 1, nowMs: () => 0 });
  for (let index = 0; index < 1000; index++) cache.add(id(String(index)), id("session"));
  assert.equal(cache.find(id("0"))?.toString(), "session");
});
