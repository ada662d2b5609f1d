// What a replica costs its primary: CPU time for each SET, of a server alone and of one that has a
// replica, ours and Redis's in turn: `node scripts/replica-cost.ts --rounds 5 --pipeline 16`. Shown
// are the primary's time in user mode and in the kernel, and its replica's in all.
//
// With two cores the replica has to share one with the load, which then comes in smaller portions;
// so that both cases have that in common, a process without other purpose shares the core with the
// load when there is no replica. `--alone` leaves it out. `--durable` turns the append-only file
// on.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { BenchmarkedServer } from "../src/benchmark/benchmarked-server.ts";
import { pinned, placeOnCores } from "../src/benchmark/cores.ts";
import { cpuSeconds } from "../src/benchmark/process-cpu.ts";
import type { ServerKind } from "../src/benchmark/server-kind.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    pipeline: { type: "string", default: "16" },
    commands: { type: "string", default: "500000" },
    alone: { type: "boolean", default: false },
    durable: { type: "boolean", default: false },
  },
});
const { serverCore, generatorCores } = placeOnCores({ isPinned: true });
const [otherCore] = generatorCores;
const idleWork = ["-e", "for (;;) {}"];

/** Microseconds for a command. */
interface Cost {
  readonly all: number;
  readonly system: number;
  readonly replica: number;
}

class Group {
  readonly name: string;
  readonly #primary: BenchmarkedServer;
  readonly #replica: BenchmarkedServer | undefined;
  readonly #costs: Cost[] = [];

  private constructor(primary: BenchmarkedServer, replica: BenchmarkedServer | undefined) {
    this.name = replica === undefined ? primary.name : `${primary.name} with a replica`;
    this.#primary = primary;
    this.#replica = replica;
  }

  static async start(kind: ServerKind, hasReplica: boolean): Promise<Group> {
    const primary = await BenchmarkedServer.start(kind, serverCore);
    if (values.durable) await primary.control.run("CONFIG", "SET", "appendonly", "yes");
    if (!hasReplica) return new Group(primary, undefined);
    const replica = await BenchmarkedServer.start(kind, otherCore);
    await primary.control.run("CONFIG", "SET", "repl-diskless-sync-delay", "0");
    await replica.control.run("REPLICAOF", "127.0.0.1", String(primary.port));
    const group = new Group(primary, replica);
    await group.#isLevel();
    return group;
  }

  /** The median of the rounds. */
  cost(part: keyof Cost): number {
    const sorted = this.#costs.map((each) => each[part]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  async measure(counts: boolean): Promise<void> {
    const fills = this.#replica === undefined && !values.alone;
    const [program, ...words] = pinned([otherCore], [process.execPath, ...idleWork]);
    const filler = fills ? spawn(program, words, { stdio: "ignore" }) : undefined;
    const before = this.#used();
    this.#load();
    await this.#isLevel();
    const after = this.#used();
    filler?.kill("SIGKILL");
    const each = (part: keyof Cost): number =>
      ((after[part] - before[part]) * 1e6) / Number(values.commands);
    if (!counts) return;
    this.#costs.push({ all: each("all"), system: each("system"), replica: each("replica") });
  }

  /** Seconds until now. */
  #used(): Cost {
    const { pid } = this.#primary;
    const replica = this.#replica === undefined ? 0 : (cpuSeconds(this.#replica.pid) ?? 0);
    return { all: cpuSeconds(pid) ?? 0, system: systemSeconds(pid), replica };
  }

  #load(): void {
    const { commands, pipeline } = values;
    const words = ["-p", String(this.#primary.port), "-t", "set", "-d", "16", "-r", "100000"];
    words.push("-n", commands, "-P", pipeline, "-q");
    const [program, ...rest] = pinned([otherCore], ["redis-benchmark", ...words]);
    const { status, stderr } = spawnSync(program, rest, { encoding: "utf8" });
    if (status !== 0) throw new Error(`redis-benchmark: ${stderr}`);
  }

  /** Waits until the replica has all. */
  async #isLevel(): Promise<void> {
    if (this.#replica === undefined) return;
    for (;;) {
      const own = await this.#primary.control.info();
      const line = own.get("slave0") ?? "";
      if (line.includes(`state=online,offset=${own.get("master_repl_offset")},`)) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }

  async stop(): Promise<void> {
    await this.#replica?.stop();
    await this.#primary.stop();
  }
}

/** Linux counts it in hundredths of a second; field 15 of proc(5)'s `stat`. */
function systemSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[12]) / 100;
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}

const kinds: ServerKind[] = [
  { name: "respite", command: [process.execPath, `${import.meta.dirname}/../src/main.ts`] },
  { name: "redis", command: ["redis-server"] },
];
const groups: Group[] = [];
try {
  for (const kind of kinds) {
    groups.push(await Group.start(kind, false), await Group.start(kind, true));
  }
  // The first round warms up and does not count. Each begins with another one, since it matters who
  // came before.
  for (let round = 0; round <= Number(values.rounds); round++) {
    const first = round % groups.length;
    for (const group of [...groups.slice(first), ...groups.slice(0, first)]) {
      await group.measure(round > 0);
    }
  }
  for (const group of groups) {
    const [all, system] = [group.cost("all"), group.cost("system")];
    console.log(
      `${group.name}: ${all.toFixed(3)} us a SET, ${(all - system).toFixed(3)} user and ` +
        `${system.toFixed(3)} system; the replica ${group.cost("replica").toFixed(3)}`,
    );
  }
  const [own, ownPair, redis, redisPair] = groups.map((group) => group.cost("all"));
  const [, ownSum, , redisSum] = groups.map((group) => group.cost("all") + group.cost("replica"));
  console.log(
    `without a replica to with one: ${ratio(own, ownPair)}, Redis ${ratio(redis, redisPair)}`,
  );
  console.log(
    `Redis's pair to ours: primary ${ratio(redisPair, ownPair)}, both ${ratio(redisSum, ownSum)}`,
  );
  console.log(`load average ${loadavg()[0].toFixed(1)}`);
} finally {
  for (const group of groups) await group.stop();
}
