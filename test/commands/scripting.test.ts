// Scripts and functions, beyond what test/compat compares with real Redis: what is counted of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
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
