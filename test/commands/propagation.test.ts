// What commands are propagated as: to the append-only file and to replicas.
import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import { target } from "../../src/engine/propagation.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { PropagationRecorder } from "../support/propagation-recorder.ts";

test("a command that changed something is propagated as it was received", () => {
  const harness = new EngineHarness(commands);
  const recorder = new PropagationRecorder(harness.engine);
  harness.run("SET", "a", "1");
  harness.run("sEt", "b", "");
  harness.run("GET", "a");
  harness.run("DEL", "nothing");
  assert.deepEqual(recorder.take(), ["0 SET a 1", '0 sEt b ""']);
});

test("several commands of one unit come between MULTI and EXEC, one comes alone", () => {
  const harness = new EngineHarness(commands);
  const recorder = new PropagationRecorder(harness.engine);
  harness.run("SELECT", 2);
  harness.run("MULTI");
  harness.run("SET", "a", "1");
  harness.run("SELECT", 3);
  harness.run("INCR", "a");
  harness.run("GET", "a");
  harness.run("EXEC");
  assert.deepEqual(recorder.take(), ["2 MULTI", "2 SET a 1", "3 INCR a", "3 EXEC"]);
  harness.run("MULTI");
  harness.run("APPEND", "a", "1");
  harness.run("EXEC");
  assert.deepEqual(recorder.take(), ["3 APPEND a 1"]);
});

test("a key that expired is deleted before the command that came upon it", () => {
  const harness = new EngineHarness(commands);
  harness.run("SET", "a", "1", "PX", 5);
  harness.run("SET", "b", "1", "PX", 5);
  const recorder = new PropagationRecorder(harness.engine);
  harness.advance(6);
  harness.run("GET", "a");
  assert.deepEqual(recorder.take(), ["0 DEL a"]);
  harness.engine.propagation.expiresLazily = true;
  harness.run("INCR", "b");
  assert.deepEqual(recorder.take(), ["0 MULTI", "0 UNLINK b", "0 INCR b", "0 EXEC"]);
});

test("a sink gets what is for its target, and nothing once it is detached", () => {
  const harness = new EngineHarness(commands);
  const { propagation } = harness.engine;
  const file = new PropagationRecorder(harness.engine, target.aof);
  const replicas = new PropagationRecorder(harness.engine, target.replicas);
  assert.equal(propagation.isOn, true);
  harness.run("PUBLISH", "channel", "message");
  harness.run("SET", "a", "1");
  assert.deepEqual(file.take(), ["0 SET a 1"]);
  assert.deepEqual(replicas.take(), ["0 PUBLISH channel message", "0 SET a 1"]);
  propagation.detach(file);
  harness.run("DEL", "a");
  assert.deepEqual(file.take(), []);
  propagation.detach(replicas);
  assert.equal(propagation.isOn, false);
});

test("a command that fails is propagated only if it changed something before", () => {
  const harness = new EngineHarness(commands);
  const recorder = new PropagationRecorder(harness.engine);
  harness.run("SET", "a", "text");
  harness.run("INCR", "a");
  harness.run("LPUSH", "a", "1");
  assert.deepEqual(recorder.take(), ["0 SET a text"]);
});
