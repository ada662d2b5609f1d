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
