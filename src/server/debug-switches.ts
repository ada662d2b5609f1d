// The switches of DEBUG that reach into the server's own machinery. They exist for Redis's
// test-suite.
import type { Engine } from "../engine/engine.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { Housekeeping } from "./housekeeping.ts";

/** Nothing happens meanwhile. */
function sleepUs(us: number): void {
  if (us > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, us / 1000);
}

export interface DebugTargets {
  readonly engine: Engine;
  readonly housekeeping: Housekeeping;
  readonly persistence: Persistence;
}

export class DebugSwitches {
  readonly #targets: DebugTargets;

  constructor(targets: DebugTargets) {
    this.#targets = targets;
  }

  /** Throws one; false when there is none of that name or its word is not understood. */
  set(subcommand: string, words: readonly string[]): boolean {
    const { engine, housekeeping, persistence } = this.#targets;
    const isOn = words[0] === "1";
    switch (subcommand) {
      case "set-active-expire":
        housekeeping.isExpiring = isOn;
        return true;
      case "set-skip-checksum-validation":
        engine.checksChecksums = !isOn;
        return true;
      case "set-disable-deny-scripts":
        engine.scripting.runsEverything = isOn;
        return true;
      case "aof-flush-sleep":
        persistence.aof.writer.beforeWrite = () => sleepUs(Number(words[0]));
        return true;
      case "pause-cron":
        housekeeping.isPaused = isOn;
        return true;
      case "dict-resizing":
        for (const database of engine.keyspace.databases) database.table.resizable = isOn;
        return true;
      default:
        return false;
    }
  }
}
