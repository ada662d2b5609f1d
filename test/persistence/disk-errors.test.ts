// The disk fails and heals: writes are refused meanwhile, nothing is half written, the server goes
// on, and what was promised is found after a loss of power.
//
// FAULT_ROUNDS and FAULT_TURNS make it longer, FAULT_SEED repeats it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PersistenceSettings } from "../../src/persistence/settings.ts";
import { CrashSimulation } from "../support/crash-simulation.ts";
import { aofDirectory, settingsOf, workingDirectory } from "../support/durable-harness.ts";
import { ReplyError } from "../support/reply.ts";

const rounds = Number(process.env["FAULT_ROUNDS"] ?? 4);
const turns = Number(process.env["FAULT_TURNS"] ?? 30);
const firstSeed = Number(process.env["FAULT_SEED"] ?? Date.now() % 1_000_000);

/** What came of lives on disks that fail now and then. */
interface Outcome {
  refusals: number;
  /** How many servers have ended themselves. */
  ends: number;
}

function others(life: CrashSimulation, switches: boolean): void {
  const { from, server } = life;
  const command = from.pick(["BGREWRITEAOF", "BGSAVE", "SAVE", "appendonly"]);
  if (command !== "appendonly") life.run(command);
  else if (switches) life.switchAof(!server.settings.appendonly);
}

/** Until the turns are over or the server ends itself. */
function live(life: CrashSimulation, switches: boolean): void {
  const { from, server } = life;
  const { persistence } = server;
  for (let left = turns; left > 0; left--) {
    if (from.oneIn(6)) life.breakDisk();
    else if (from.oneIn(4)) life.healDisk();
    for (let units = from.random.below(4); units > 0; units--) life.write();
    if (from.oneIn(4)) others(life, switches);
    if (!life.endTurn()) break;
    if (persistence.aof.writer.error !== undefined) assertRefused(life);
    life.background();
  }
}

function assertRefused(life: CrashSimulation): void {
  const reply = life.run("SET", "refused", "value");
  assert.ok(reply instanceof ReplyError && reply.text.startsWith("MISCONF"), String(reply));
}

/** The disk is whole again: all works as if nothing had been, and nothing lies about. */
function assertHealed(life: CrashSimulation): void {
  const { server, disk } = life;
  const { persistence } = server;
  life.healDisk();
  life.settle();
  life.run("BGREWRITEAOF");
  life.settle();
  life.run("BGSAVE");
  life.settle();
  assert.equal(persistence.refusal, undefined);
  assert.equal(life.run("SET", "accepted", "value"), "OK");
  assert.equal(life.run("SAVE"), "OK");
  assert.equal(persistence.rdb.statistics.lastStatus, "ok");
  assert.deepEqual(
    disk.list(workingDirectory).filter((name) => name.startsWith("temp")),
    [],
  );
  const { manifest, state } = persistence.aof;
  assert.equal(state, server.settings.appendonly ? "on" : "off");
  assert.equal(persistence.aof.statistics.lastStatus, "ok");
  // Turned off when nothing could be removed it leaves what a rewrite takes away once it is on.
  if (state === "off") return;
  const files = [manifest.base, ...manifest.incrementals].map((each) => each?.name ?? "");
  assert.deepEqual(disk.list(aofDirectory), [...files, "appendonly.aof.manifest"].toSorted());
  life.settle();
}

function simulate(seed: number, settings: Partial<PersistenceSettings>, outcome: Outcome): void {
  let life = CrashSimulation.begin(seed, settingsOf(settings), { crashOneIn: 4 });
  for (let lives = 2; lives > 0; lives--) {
    live(life, seed % 4 < 2);
    const { isFatal } = life.server;
    outcome.refusals += life.refusals;
    if (isFatal) outcome.ends++;
    else assertHealed(life);
    const { state } = life.ledger;
    life = life.restart();
    if (!isFatal && settings.appendfsync !== "no") assert.equal(life.ledger.state, state);
  }
}

describe(`a disk that fails now and then, seeds from ${firstSeed}`, () => {
  for (const appendfsync of ["always", "everysec", "no"] as const) {
    it(`with appendfsync ${appendfsync}`, (context) => {
      const outcome = { refusals: 0, ends: 0 };
      for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
        const settings = { appendfsync, aofUseRdbPreamble: seed % 2 === 0 };
        try {
          simulate(seed, settings, outcome);
        } catch (error) {
          throw new Error(`FAULT_SEED=${seed} FAULT_ROUNDS=1: ${String(error)}`, { cause: error });
        }
      }
      // With `always` a server does not refuse: it ends before it promises what it cannot keep.
      const { refusals, ends } = outcome;
      context.diagnostic(`${refusals} requests refused, ${ends} servers ended`);
      assert.equal(ends > 0, appendfsync === "always");
      assert.equal(refusals > 0, appendfsync !== "always");
    });
  }
});

/** One in so many operations is one at which the power fails, in what follows. */
const crashOneIn = Number(process.env["FAULT_CRASH_ONE_IN"] ?? 40);

/** Whether the server is still there after the turn. */
function turn(life: CrashSimulation, ...requests: string[]): boolean {
  for (const request of requests) life.run(...request.split(" "));
  if (!life.endTurn()) return false;
  life.background();
  return true;
}

/** All the work that the files ask for, once; whether the server is still there. */
function work(life: CrashSimulation, isOn: boolean): boolean {
  if (!turn(life, "RPUSH list 1 2", "BGREWRITEAOF")) return false;
  if (!turn(life, "RPUSH list 3", "INCR number")) return false;
  if (!turn(life, "SAVE", "RPUSH list 4") || !turn(life, "BGREWRITEAOF")) return false;
  life.switchAof(!isOn);
  if (!turn(life, "RPUSH list 5")) return false;
  life.switchAof(isOn);
  life.switchAof(true);
  if (!turn(life, "RPUSH list 6", "BGREWRITEAOF")) return false;
  for (let left = 5; left > 0; left--) if (!turn(life, `RPUSH list ${left}`)) return false;
  return true;
}

describe("one call of the disk that fails", () => {
  for (const appendonly of [true, false]) {
    const isOn = appendonly ? "on" : "off";
    it(`whichever it is, with an append-only file that is ${isOn} at first`, (context) => {
      let crashes = 0;
      let failing = 0;
      for (let isOver = false; !isOver; failing++) {
        const appendfsync = failing % 2 === 0 ? "always" : "everysec";
        const settings = settingsOf({ appendonly, appendfsync });
        const life = CrashSimulation.begin(firstSeed + failing, settings, { crashOneIn });
        try {
          life.ledger.hasFaults = true;
          life.disk.faults.goodCalls = failing;
          const isThere = work(life, appendonly);
          isOver = life.disk.faults.goodCalls > 0;
          if (isThere) {
            life.healDisk();
            work(life, appendonly);
            assertHealed(life);
          }
          const { state } = life.ledger;
          const next = life.restart();
          if (isThere) assert.equal(next.ledger.state, state);
        } catch (error) {
          const what = `FAULT_SEED=${firstSeed}, call ${failing}: ${String(error)}`;
          throw new Error(what, { cause: error });
        }
        crashes += life.crashes;
      }
      context.diagnostic(`${failing} calls failed, the power ${crashes} times`);
    });
  }
});

describe("a save that fails", () => {
  it("leaves the file that was there and nothing else, and writes are refused", () => {
    const save = [{ seconds: 3600, changes: 1 }];
    const settings = settingsOf({ appendonly: false, save });
    const life = CrashSimulation.begin(firstSeed, settings, { crashOneIn: 1 });
    const { disk } = life;
    const { rdb } = life.server.persistence;
    const path = `${workingDirectory}/dump.rdb`;
    life.run("SET", "first", "value");
    assert.equal(life.run("SAVE"), "OK");
    life.run("SET", "second", "value");
    for (const spaceBytes of [0, 50]) {
      const before = disk.contentOf(path);
      disk.faults.spaceBytes = spaceBytes;
      assert.deepEqual(life.run("SAVE"), new ReplyError("ERR"));
      assert.deepEqual(disk.list(workingDirectory), ["dump.rdb"]);
      life.run("BGSAVE");
      while (rdb.statistics.lastStatus === "ok") life.background();
      assert.deepEqual(disk.list(workingDirectory), ["dump.rdb"]);
      assert.deepEqual(disk.contentOf(path), before);
      assertRefused(life);
      life.healDisk();
      life.run("BGSAVE");
      while (rdb.statistics.lastStatus === "err") life.background();
      assert.equal(life.run("SET", "second", "value"), "OK");
    }
  });
});

describe("an append-only file that is turned on while serving", () => {
  it("is not hindered by the end of a try before it", () => {
    const settings = settingsOf({ appendonly: false });
    const life = CrashSimulation.begin(firstSeed, settings, { crashOneIn: 1 });
    const { persistence } = life.server;
    life.run("SET", "key", "value");
    life.switchAof(true);
    persistence.slice(() => false);
    life.switchAof(false);
    life.switchAof(true);
    life.settle();
    assert.equal(persistence.aof.state, "on");
    const { rewrites, lastStatus } = persistence.aof.statistics;
    assert.deepEqual({ rewrites, lastStatus }, { rewrites: 2, lastStatus: "ok" });
    life.restart();
  });

  it("has nothing twice that could not be written before its snapshot began", () => {
    const settings = settingsOf({ appendonly: false });
    const life = CrashSimulation.begin(firstSeed, settings, { crashOneIn: 1 });
    const { server, disk } = life;
    life.switchAof(true);
    disk.faults.spaceBytes = 0;
    life.run("RPUSH", "list", "one");
    life.endTurn();
    assert.deepEqual(life.run("SAVE"), new ReplyError("ERR"));
    server.persistence.tick();
    life.healDisk();
    life.settle();
    assert.equal(server.persistence.aof.state, "on");
    assert.equal(life.restart().run("LLEN", "list"), 1);
  });

  it("has nothing twice that was in the file of a try before it", () => {
    for (let seed = firstSeed; seed < firstSeed + 8; seed++) {
      const settings = settingsOf({ appendonly: false, appendfsync: "always" });
      const life = CrashSimulation.begin(seed, settings, { crashOneIn: 100 });
      const { persistence } = life.server;
      life.switchAof(true);
      life.run("RPUSH", "list", "one");
      life.endTurn();
      life.run("SAVE");
      persistence.tick();
      while (persistence.aof.state === "waiting") life.background();
      assert.equal(life.restart().run("LLEN", "list"), 1, `seed ${seed}`);
    }
  });
});
