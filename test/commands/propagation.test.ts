// What commands are propagated as: to the append-only file and to replicas.
import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import { engineGate } from "../../src/engine/gate.ts";
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

test("a key that is evicted is deleted before the command, in no transaction", () => {
  const harness = new EngineHarness(commands, { settings: { maxmemory: 1 } });
  const { engine } = harness;
  harness.run("SET", "a", "1");
  harness.run("MULTI");
  harness.run("SET", "b", "1");
  harness.run("APPEND", "b", "2");
  const recorder = new PropagationRecorder(engine);
  engine.memoryLimit.eviction.policy = "allkeys-lru";
  engine.setGate(engineGate.memoryLimit, true);
  const { dirty } = engine.keyspace;
  harness.run("EXEC");
  assert.deepEqual(recorder.take(), ["0 DEL a"]);
  assert.equal(engine.keyspace.dirty, dirty);
  engine.setGate(engineGate.memoryLimit, false);
  harness.run("SELECT", 1);
  harness.run("SET", "c", "1");
  recorder.take();
  engine.propagation.evictsLazily = true;
  engine.setGate(engineGate.memoryLimit, true);
  harness.run("GET", "nothing");
  assert.deepEqual(recorder.take(), ["1 UNLINK c"]);
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

/** A request, what is there before it, and what it is propagated as; words are parted by blanks. */
interface Example {
  readonly before?: readonly string[];
  readonly request: string;
  readonly as: readonly string[];
}

const now = 1_700_000_000_000;
const at10 = now + 10_000;

const examples: readonly Example[] = [
  // Times to live become times.
  { request: "SET k v EX 10", as: [`0 SET k v PXAT ${at10}`] },
  { request: "set k v px 10000 nx get", as: [`0 SET k v PXAT ${at10}`] },
  { request: "SET k v EXAT 1700000010", as: [`0 SET k v PXAT ${at10}`] },
  { request: `SET k v XX PXAT ${at10}`, before: ["SET k 1"], as: [`0 SET k v XX PXAT ${at10}`] },
  { request: "SET k v GET KEEPTTL", as: ["0 SET k v KEEPTTL"] },
  { request: "SET k v NX", before: ["SET k 1"], as: [] },
  { request: "SETEX k 10 v", as: [`0 SET k v PXAT ${at10}`] },
  { request: "PSETEX k 10000 v", as: [`0 SET k v PXAT ${at10}`] },
  { request: "EXPIRE k 10", before: ["SET k v"], as: [`0 PEXPIREAT k ${at10}`] },
  { request: "EXPIRE k 10 NX", before: ["SET k v"], as: [`0 PEXPIREAT k ${at10} NX`] },
  { request: "EXPIRE k 10 XX", before: ["SET k v"], as: [] },
  { request: "PEXPIRE k 10000", before: ["SET k v"], as: [`0 PEXPIREAT k ${at10}`] },
  { request: "EXPIREAT k 1700000010", before: ["SET k v"], as: [`0 PEXPIREAT k ${at10}`] },
  { request: `PEXPIREAT k ${at10}`, before: ["SET k v"], as: [`0 PEXPIREAT k ${at10}`] },
  { request: "EXPIRE k -1", before: ["SET k v"], as: ["0 DEL k"] },
  {
    request: "EXPIRE k 9000000000000000",
    before: ["SET k v"],
    as: ["0 PEXPIREAT k 9007199254740991"],
  },
  { request: "GETEX k", before: ["SET k v"], as: [] },
  { request: "GETEX k EX 10", before: ["SET k v"], as: [`0 PEXPIREAT k ${at10}`] },
  { request: "GETEX k EXAT 5", before: ["SET k v"], as: ["0 DEL k"] },
  { request: "GETEX k PERSIST", before: ["SET k v"], as: [] },
  { request: "GETEX k PERSIST", before: ["SET k v EX 5"], as: ["0 PERSIST k"] },
  // What depends on the value, on chance or on floating point becomes its outcome.
  { request: "GETDEL k", before: ["SET k v"], as: ["0 DEL k"] },
  { request: "GETSET k v", before: ["SET k 1"], as: ["0 SET k v"] },
  { request: "INCRBYFLOAT k 0.1", before: ["SET k 0.2"], as: ["0 SET k 0.3 KEEPTTL"] },
  { request: "HINCRBYFLOAT h f 1.5", before: ["HSET h f 1"], as: ["0 HSET h f 2.5"] },
  {
    request: "HINCRBYFLOAT h f 1.5",
    before: ["HSET h f 1", "HEXPIRE h 10 FIELDS 1 f"],
    as: ["0 MULTI", "0 HSET h f 2.5", `0 HPEXPIREAT h ${at10} FIELDS 1 f`, "0 EXEC"],
  },
  { request: "GEOADD g CH 13.5 38 a", as: ["0 ZADD g CH 3479097324432493 a"] },
  { request: "GEOADD g XX 13.5 38 a", as: [] },
  { request: "SPOP s", before: ["SADD s a"], as: ["0 SREM s a"] },
  { request: "SPOP s 2", before: ["SADD s a b"], as: ["0 DEL s"] },
  { request: "SPOP s 9", before: ["SADD s a b"], as: ["0 DEL s"] },
  { request: "SPOP s 0", before: ["SADD s a b"], as: [] },
  { request: "SPOP none 3", as: [] },
  // Whoever waits for a key takes from the one that is there.
  { request: "BLPOP a b 0", before: ["RPUSH b 1 2"], as: ["0 LPOP b"] },
  { request: "BRPOP a b 0", before: ["RPUSH b 1 2"], as: ["0 RPOP b"] },
  { request: "LMPOP 2 a b LEFT COUNT 5", before: ["RPUSH b 1 2"], as: ["0 LPOP b 2"] },
  { request: "LMPOP 2 a b LEFT", as: [] },
  { request: "BLMPOP 0 2 a b RIGHT", before: ["RPUSH b 1 2"], as: ["0 RPOP b 1"] },
  { request: "BLMOVE a b LEFT RIGHT 0", before: ["RPUSH a 1"], as: ["0 LMOVE a b LEFT RIGHT"] },
  { request: "BRPOPLPUSH a b 0", before: ["RPUSH a 1"], as: ["0 RPOPLPUSH a b"] },
  { request: "ZMPOP 2 a b MIN COUNT 5", before: ["ZADD b 1 x 2 y"], as: ["0 ZPOPMIN b 2"] },
  { request: "BZMPOP 0 2 a b MAX", before: ["ZADD b 1 x 2 y"], as: ["0 ZPOPMAX b 1"] },
  { request: "BZPOPMIN a b 0", before: ["ZADD b 1 x 2 y"], as: ["0 ZPOPMIN b"] },
  { request: "BZPOPMAX a b 0", before: ["ZADD b 1 x 2 y"], as: ["0 ZPOPMAX b"] },
  // Fields that expire.
  {
    request: "HEXPIRE h 10 NX FIELDS 3 a none b",
    before: ["HSET h a 1 b 2"],
    as: [`0 HPEXPIREAT h ${at10} NX FIELDS 2 a b`],
  },
  { request: "HPEXPIRE h 5 XX FIELDS 1 a", before: ["HSET h a 1"], as: [] },
  { request: "HPEXPIREAT h 5 FIELDS 1 a", before: ["HSET h a 1 b 2"], as: ["0 HDEL h a"] },
  {
    request: "HGETEX h EX 10 FIELDS 2 a none",
    before: ["HSET h a 1"],
    as: [`0 HPEXPIREAT h ${at10} FIELDS 1 a`],
  },
  {
    request: "HGETEX h PERSIST FIELDS 1 a",
    before: ["HSET h a 1", "HEXPIRE h 10 FIELDS 1 a"],
    as: ["0 HPERSIST h FIELDS 1 a"],
  },
  {
    request: "HPERSIST h FIELDS 3 x a b",
    before: ["HSET h a 1 b 2", "HEXPIRE h 10 FIELDS 1 b"],
    as: ["0 HPERSIST h FIELDS 1 b"],
  },
  { request: "HGETEX h PXAT 1 FIELDS 1 a", before: ["HSET h a 1 b 1"], as: ["0 HDEL h a"] },
  { request: "HGETEX h FIELDS 1 a", before: ["HSET h a 1 b 1"], as: [] },
  { request: "HGETDEL h FIELDS 2 a none", before: ["HSET h a 1 b 1"], as: ["0 HDEL h a"] },
  {
    request: "HSETEX h FNX EX 10 FIELDS 1 a 1",
    as: [`0 HSETEX h FNX PXAT ${at10} FIELDS 1 a 1`],
  },
  { request: "HSETEX h KEEPTTL FIELDS 1 a 1", as: ["0 HSETEX h KEEPTTL FIELDS 1 a 1"] },
  { request: "HSETEX h FXX FIELDS 1 a 1", as: [] },
  { request: "HSETEX h PXAT 1 FIELDS 1 a 1", before: ["HSET h a 2 b 1"], as: ["0 HDEL h a"] },
  // Streams.
  { request: "XADD s * f v", as: [`0 XADD s ${now}-0 f v`] },
  { request: "XADD s 5-* f v", as: ["0 XADD s 5-0 f v"] },
  { request: "XADD s 5 f v", as: ["0 XADD s 5 f v"] },
  { request: "XADD s NOMKSTREAM * f v", as: [] },
  {
    request: "XADD s MAXLEN ~ 10 LIMIT 5 7-1 maxlen ~",
    as: ["0 XADD s MAXLEN = 1 7-1 maxlen ~"],
  },
  { request: "XADD s MINID ~ 3 * f v", as: [`0 XADD s MINID = ${now}-0 ${now}-0 f v`] },
  { request: "XADD s MAXLEN 0 1-1 f v", as: ["0 XADD s MAXLEN 0 1-1 f v"] },
  { request: "XTRIM s MAXLEN ~ 0", before: ["XADD s 1-1 f v"], as: ["0 XTRIM s MAXLEN = 0"] },
  {
    request: "XTRIM s MINID ~ 9",
    before: ["XADD s 1-1 f v"],
    as: ["0 XTRIM s MINID = 18446744073709551615-18446744073709551615"],
  },
  { request: "XTRIM s MAXLEN ~ 5", before: ["XADD s 1-1 f v"], as: [] },
  {
    request: "XREADGROUP GROUP g c STREAMS s >",
    before: ["XADD s 1-1 f v", "XGROUP CREATE s g 0"],
    as: [
      "0 MULTI",
      `0 XCLAIM s g c 0 1-1 TIME ${now} RETRYCOUNT 1 FORCE JUSTID LASTID 1-1`,
      "0 XGROUP SETID s g 1-1 ENTRIESREAD 1",
      "0 EXEC",
    ],
  },
  {
    request: "XREADGROUP GROUP g c NOACK STREAMS s >",
    before: ["XADD s 1-1 f v", "XGROUP CREATE s g 0"],
    as: [
      "0 MULTI",
      "0 XGROUP CREATECONSUMER s g c",
      "0 XGROUP SETID s g 1-1 ENTRIESREAD 1",
      "0 EXEC",
    ],
  },
  {
    request: "XREADGROUP GROUP g c STREAMS s >",
    before: ["XGROUP CREATE s g 0 MKSTREAM"],
    as: ["0 XGROUP CREATECONSUMER s g c"],
  },
  {
    request: "XREADGROUP GROUP g c STREAMS s 0",
    before: ["XGROUP CREATE s g 0 MKSTREAM", "XGROUP CREATECONSUMER s g c"],
    as: [],
  },
  {
    request: "XCLAIM s g d 0 1-1 2-1",
    before: ["XADD s 1-1 f v", "XGROUP CREATE s g 0", "XREADGROUP GROUP g c STREAMS s >"],
    as: [`0 XCLAIM s g d 0 1-1 TIME ${now} RETRYCOUNT 2 FORCE JUSTID LASTID 1-1`],
  },
  {
    request: "XCLAIM s g d 0 1-1 LASTID 9",
    before: ["XADD s 1-1 f v", "XGROUP CREATE s g 0"],
    as: [
      "0 MULTI",
      "0 XGROUP CREATECONSUMER s g d",
      "0 XGROUP SETID s g 9-0 ENTRIESREAD -1",
      "0 EXEC",
    ],
  },
  {
    request: "XAUTOCLAIM s g c 0 0",
    before: [
      "XADD s 1-1 f v",
      "XADD s 2-1 f v",
      "XGROUP CREATE s g 0",
      "XREADGROUP GROUP g c STREAMS s >",
      "XDEL s 1-1",
    ],
    as: [
      "0 MULTI",
      `0 XCLAIM s g c 0 1-1 TIME ${now} RETRYCOUNT 1 FORCE JUSTID LASTID 2-1`,
      `0 XCLAIM s g c 0 2-1 TIME ${now} RETRYCOUNT 2 FORCE JUSTID LASTID 2-1`,
      "0 EXEC",
    ],
  },
  // Neither data nor anything that a copy needs.
  { request: "XACK s g 1-1", before: ["XADD s 1-1 f v", "XGROUP CREATE s g 0"], as: [] },
  { request: "PFADD p", as: ["0 PFADD p"] },
  { request: "PFCOUNT p", before: ["PFADD p a"], as: ["0 PFCOUNT p"] },
  { request: "FLUSHALL", as: ["0 FLUSHALL"] },
  { request: "FLUSHDB", as: ["0 FLUSHDB"] },
  { request: "SWAPDB 1 2", as: ["0 SWAPDB 1 2"] },
  { request: "EXEC", before: ["MULTI", "GET a"], as: [] },
];

for (const { before = [], request, as } of examples) {
  const prelude = before.length === 0 ? "" : ` after ${before.join(", ")}`;
  test(`${request}${prelude} is propagated as ${as.join(", ") || "nothing"}`, () => {
    const harness = new EngineHarness(commands, { nowMs: now });
    for (const each of before) harness.run(...each.split(" "));
    const recorder = new PropagationRecorder(harness.engine);
    harness.run(...request.split(" "));
    assert.deepEqual(recorder.take(), as);
  });
}

test("SPOP propagates a thousand members and 24 at a time", () => {
  const harness = new EngineHarness(commands);
  const members = Array.from({ length: 3000 }, (_, index) => `m${index}`);
  harness.run("SADD", "s", ...members);
  const recorder = new PropagationRecorder(harness.engine);
  harness.run("SPOP", "s", 2100);
  const recorded = recorder.takeAll().map((each) => each.words);
  assert.deepEqual(
    recorded.map((words) => [words[0], words.length - 2]),
    [
      ["MULTI", -1],
      ["SREM", 1024],
      ["SREM", 1024],
      ["SREM", 52],
      ["EXEC", -1],
    ],
  );
  const gone = new Set(recorded.flatMap((words) => words.slice(2)));
  assert.equal(gone.size, 2100);
  const left = harness.run("SMEMBERS", "s") as string[];
  assert.ok(left.every((member) => !gone.has(member)));
});

test("one who waited is served in a unit of its own", () => {
  const harness = new EngineHarness(commands);
  const recorder = new PropagationRecorder(harness.engine);
  const { engine } = harness;
  const first = harness.session;
  harness.runBytes("BLPOP", "list", 0);
  harness.session = harness.connect();
  harness.runBytes("BRPOP", "list", 0);
  harness.session = harness.connect();
  harness.run("RPUSH", "list", 1, 2);
  engine.blocking.serve();
  assert.equal(first.waiter, undefined);
  assert.deepEqual(recorder.take(), ["0 RPUSH list 1 2", "0 LPOP list", "0 RPOP list"]);
});

test("fields that expired are deleted one by one before the command that came upon them", () => {
  const harness = new EngineHarness(commands);
  harness.run("HSET", "h", "a", 1, "b", 2, "c", 3);
  harness.run("HPEXPIRE", "h", 5, "FIELDS", 2, "a", "b");
  const recorder = new PropagationRecorder(harness.engine);
  harness.advance(6);
  harness.run("HMGET", "h", "a", "b", "c");
  assert.deepEqual(recorder.take(), ["0 MULTI", "0 HDEL h a", "0 HDEL h b", "0 EXEC"]);
});

test("what RANDOMKEY and SCAN come upon is no transaction", () => {
  const harness = new EngineHarness(commands);
  for (const key of ["a", "b", "c"]) harness.run("SET", key, 1, "PX", 5);
  const recorder = new PropagationRecorder(harness.engine);
  harness.advance(6);
  assert.equal(harness.run("RANDOMKEY"), null);
  assert.deepEqual(recorder.take().sort(), ["0 DEL a", "0 DEL b", "0 DEL c"]);
});
