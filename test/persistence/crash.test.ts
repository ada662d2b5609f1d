// The power fails at every operation of the disk, and the disk fails and heals: what was promised
// is found again, and nothing by half.
//
// CRASH_ROUNDS and CRASH_TURNS make it longer, CRASH_SEED repeats it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import type { PersistenceSettings } from "../../src/persistence/settings.ts";
import { CrashSimulation } from "../support/crash-simulation.ts";
import { settingsOf } from "../support/durable-harness.ts";

const rounds = Number(process.env["CRASH_ROUNDS"] ?? 2);
const turns = Number(process.env["CRASH_TURNS"] ?? 25);
const firstSeed = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const livesOfEach = 3;

type Turn = (life: CrashSimulation) => void;

/** Servers that live for some turns and lose their power, again and again on the same disk. */
function simulate(
  context: TestContext,
  turn: Turn,
  settingsOfSeed: (seed: number) => Partial<PersistenceSettings>,
): void {
  let crashes = 0;
  let losses = 0;
  for (let round = 0; round < rounds; round++) {
    const seed = firstSeed + round;
    const settings = settingsOf(settingsOfSeed(seed));
    let life = CrashSimulation.begin(seed, settings, { crashOneIn: 3 });
    for (let lives = livesOfEach; lives > 0; lives--) {
      liveFor(turns, life, turn, seed);
      crashes += life.crashes;
      losses += life.losses;
      life = life.restart();
    }
  }
  assert.ok(losses > 0 && losses < crashes);
  context.diagnostic(`${crashes} losses of power, after ${losses} of them something was lost`);
}

function liveFor(count: number, life: CrashSimulation, turn: Turn, seed: number): void {
  try {
    for (let left = count; left > 0; left--) turn(life);
  } catch (error) {
    throw new Error(`CRASH_SEED=${seed} CRASH_ROUNDS=1: ${String(error)}`, { cause: error });
  }
}

/** Writes, some of `others`, and the end of a turn. */
function turnWith(...others: readonly Turn[]): Turn {
  return (life) => {
    const { from } = life;
    for (let units = from.random.below(4); units > 0; units--) life.write();
    if (others.length > 0 && from.oneIn(6)) from.pick(others)(life);
    assert.ok(life.endTurn(), "it has ended itself");
    life.background();
  };
}

const rewrite: Turn = (life) => void life.run("BGREWRITEAOF");
const save: Turn = (life) => void life.run("SAVE");
const backgroundSave: Turn = (life) => void life.run("BGSAVE");
const switchAof: Turn = (life) => {
  assert.equal(life.switchAof(!life.server.settings.appendonly), undefined);
};

describe(`a loss of power at any operation of the disk, seeds from ${firstSeed}`, () => {
  for (const appendfsync of ["always", "everysec", "no"] as const) {
    it(`leaves what appendfsync ${appendfsync} promises`, (context) => {
      simulate(context, turnWith(rewrite), (seed) => ({
        appendfsync,
        aofUseRdbPreamble: seed % 2 === 0,
        aofTimestampEnabled: seed % 3 === 0,
      }));
    });
  }

  it("leaves a whole RDB file, and the last one that was complete", (context) => {
    simulate(context, turnWith(save, backgroundSave), (seed) => ({
      appendonly: false,
      save: seed % 2 === 0 ? [{ seconds: 1, changes: 5 }] : [],
    }));
  });

  it("leaves what was promised while the append-only file is turned on and off", (context) => {
    const turn = turnWith(rewrite, save, backgroundSave, switchAof, switchAof);
    simulate(context, turn, (seed) => ({
      appendonly: seed % 2 === 0,
      appendfsync: "always",
      aofUseRdbPreamble: seed % 4 < 2,
      save: seed % 3 === 0 ? [{ seconds: 1, changes: 5 }] : [],
    }));
  });
});
