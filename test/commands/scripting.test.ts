// Scripts and functions, beyond what test/compat compares with real Redis: what is counted of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asciiBytes } from "../../src/bytes/ascii.ts";
import { sha1Hex } from "../../src/bytes/sha1.ts";
import { commands } from "../../src/commands/commands.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { ReplyError } from "../support/reply.ts";

function libraryOf(index: number): string {
  return `#!lua name=lib${index}\nredis.register_function('f${index}', function() return 1 end)`;
}

/** What the engine logs from now on, which is no error here. */
function logOf(server: EngineHarness): string[] {
  const told: string[] = [];
  server.logged.push = (...lines) => told.push(...lines);
  return told;
}

describe("errors with codes of a script's own", () => {
  const script = "return redis.error_reply(ARGV[1] .. ' text')";

  it("are counted by code until there are too many; then the log says so, once", () => {
    const server = new EngineHarness(commands);
    const { statistics } = server.engine;
    const told = logOf(server);
    for (let index = 0; index < 128; index++) server.run("EVAL", script, 0, `CODE${index}`);
    assert.equal(statistics.errorsByCode.size, 128);
    assert.deepEqual(told, []);
    for (let index = 128; index < 200; index++) {
      const reply = server.run("EVAL", script, 0, `CODE${index}`);
      assert.deepEqual(reply, new ReplyError(`CODE${index} text`));
    }
    assert.deepEqual([...statistics.errorsByCode], [["ERRORSTATS_DISABLED", 1]]);
    assert.equal(statistics.errorReplies, 200);
    const [what, which, ...rest] = told;
    assert.match(what, /Errorstats stopped adding new errors/);
    assert.match(which, /: CODE0, CODE1, CODE10, /);
    assert.deepEqual(rest, []);
  });

  it("are counted again after CONFIG RESETSTAT", () => {
    const server = new EngineHarness(commands);
    logOf(server);
    for (let index = 0; index < 200; index++) server.run("EVAL", script, 0, `CODE${index}`);
    assert.equal(server.run("CONFIG", "RESETSTAT"), "OK");
    server.run("EVAL", script, 0, "AGAIN");
    assert.deepEqual([...server.engine.statistics.errorsByCode], [["AGAIN", 1]]);
  });
});

describe("FUNCTION FLUSH", () => {
  it("counts many functions as freed in the background when it is asked to be lazy", () => {
    const server = new EngineHarness(commands);
    const freed: number[] = [];
    for (const [count, how] of [
      [65, "SYNC"],
      [64, "ASYNC"],
      [65, "ASYNC"],
    ] as const) {
      for (let index = 0; index < count; index++) server.run("FUNCTION", "LOAD", libraryOf(index));
      assert.equal(server.run("FUNCTION", "FLUSH", how), "OK");
      assert.deepEqual(server.run("FUNCTION", "LIST"), []);
      freed.push(server.keyspace.statistics.lazyFreed);
    }
    // With the functions goes the Lua state that they were in.
    assert.deepEqual(freed, [0, 0, 66]);
  });

  it("gives the memory of the functions' Lua state back", () => {
    const server = new EngineHarness(commands);
    const { functions } = server.engine.scripting;
    assert.equal(functions.stateBytes, 0);
    server.run("FUNCTION", "LOAD", libraryOf(1));
    const one = functions.stateBytes;
    server.run("FUNCTION", "LOAD", libraryOf(2));
    assert.ok(functions.stateBytes > one && one > 0);
    server.run("FUNCTION", "DELETE", "lib2");
    assert.equal(functions.stateBytes, one);
    server.run("FUNCTION", "FLUSH");
    assert.equal(functions.stateBytes, 0);
  });
});

describe("the scripts that are kept", () => {
  const exists = (server: EngineHarness, ...bodies: string[]) =>
    server.run("SCRIPT", "EXISTS", ...bodies.map((body) => sha1Hex(asciiBytes(body))));

  it("are the last five hundred of EVAL, and all of SCRIPT LOAD", () => {
    const server = new EngineHarness(commands);
    const { cache } = server.engine.scripting;
    for (let index = 0; index < 10; index++) server.run("SCRIPT", "LOAD", `return -${index}`);
    for (let index = 0; index < 500; index++) server.run("EVAL", `return ${index}`, 0);
    assert.equal(cache.count, 510);
    // It is used once more, so the one after it has to go first.
    const first = sha1Hex(asciiBytes("return 0"));
    assert.equal(server.run("EVALSHA", first, 0), 0);
    server.run("EVAL", "return 'new'", 0);
    assert.deepEqual(exists(server, "return 0", "return 1", "return 2"), [1, 0, 1]);
    for (let index = 0; index < 1000; index++) server.run("EVAL", `return 'new' .. ${index}`, 0);
    assert.deepEqual(exists(server, "return 0", "return -0", "return -9"), [0, 1, 1]);
    assert.equal(cache.count, 510);
    assert.equal(cache.evictedCount, 1001);
    assert.equal(cache.usedBytes > 510 * "return 'new'".length, true);
    server.run("SCRIPT", "FLUSH");
    assert.equal(cache.usedBytes, 0);
  });

  it("get their own keys and arguments each time, and can reach those of no other", () => {
    const server = new EngineHarness(commands);
    server.run("EVAL", "return KEYS[1] .. ARGV[1]", 1, "secret", "more");
    assert.deepEqual(
      server.run("EVAL", "return {#_G['KEYS'], #_G['ARGV']}", 1, "a", "b", "c"),
      [1, 2],
    );
    const hidden = "local name = 'KE' .. 'YS' return loadstring('return ' .. name .. '[1]')()";
    assert.equal(server.run("EVAL", hidden, 1, "mine"), "mine");
    const all =
      "local n = 0 for k, v in pairs(_G) do if k == 'AR' .. 'GV' then n = #v end end return n";
    assert.equal(server.run("EVAL", all, 0, "x", "y", "z"), 3);
    assert.equal(server.run("EVAL", "return getfenv()['KE' .. 'YS'][1]", 1, "other"), "other");
  });
});
