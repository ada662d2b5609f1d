// An engine without a server, whose files are on a disk in memory that fails when it is told to: it
// loads what is there, and is given its turns one by one. So the power can fail between any two
// operations of the disk.
import { commands } from "../../src/commands/commands.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Persistence } from "../../src/persistence/persistence.ts";
import type { PersistenceSettings } from "../../src/persistence/settings.ts";
import { EngineHarness } from "./engine-harness.ts";
import type { FaultDisk } from "./fault-disk.ts";
import { factsOf } from "./propagation-pair.ts";

/** Parameters that can change while it runs. */
export type MutableSettings = {
  -readonly [Name in keyof PersistenceSettings]: PersistenceSettings[Name];
};

export const workingDirectory = "/data";
export const aofDirectory = `${workingDirectory}/appendonlydir`;
const loadStepBytes = 1000;

export function settingsOf(changes: Partial<PersistenceSettings> = {}): MutableSettings {
  return {
    save: [],
    dir: workingDirectory,
    dbfilename: "dump.rdb",
    rdbcompression: true,
    rdbchecksum: true,
    rdbSaveIncrementalFsync: true,
    stopWritesOnBgsaveError: true,
    maxmemoryPolicy: "noeviction",
    appendonly: true,
    appendfilename: "appendonly.aof",
    appenddirname: "appendonlydir",
    appendfsync: "everysec",
    noAppendfsyncOnRewrite: false,
    autoAofRewritePercentage: 0,
    autoAofRewriteMinSize: 0,
    aofRewriteIncrementalFsync: true,
    aofLoadTruncated: true,
    aofUseRdbPreamble: true,
    aofTimestampEnabled: false,
    aofDisableAutoGc: false,
    ...changes,
  };
}

export class DurableHarness {
  readonly harness: EngineHarness;
  readonly persistence: Persistence;
  readonly settings: MutableSettings;
  /** What persistence has logged. */
  readonly log: string[] = [];
  /** Whether it asked to be ended. */
  isFatal = false;

  /** Nothing is loaded yet: `load` does that. */
  constructor(disk: FaultDisk, settings: MutableSettings, nowMs: number) {
    this.settings = settings;
    let made: Persistence | undefined;
    const persistence = (engine: Engine): Persistence => {
      made = new Persistence(engine, disk, {
        settings,
        redisVersion: "7.4.0",
        processId: 1,
        isRunning: () => false,
        onFatal: () => (this.isFatal = true),
        log: (level, text) => void this.log.push(`${level}: ${text}`),
      });
      return made;
    };
    this.harness = new EngineHarness(commands, { nowMs, persistence });
    if (made === undefined) throw new Error("the harness made no persistence");
    this.persistence = made;
  }

  /** Throws when the files cannot be loaded. */
  load(): this {
    this.persistence.beginLoading();
    while (!this.persistence.loadStep(loadStepBytes)) continue;
    return this;
  }

  /** All that the data set consists of, as text. */
  get facts(): string {
    const facts = Object.entries(factsOf(this.harness));
    return facts
      .map((each) => JSON.stringify(each))
      .toSorted()
      .join("\n");
  }

  /** CONFIG SET appendonly: the error if it could not be done. */
  switchAof(isOn: boolean): string | undefined {
    const { settings } = this;
    const before = settings.appendonly;
    settings.appendonly = isOn;
    const failure = this.persistence.switchAof(isOn);
    if (failure !== undefined) settings.appendonly = before;
    return failure;
  }
}
