// What a replica costs its primary: CPU time for each SET, of a server alone and of one that has a
// replica, ours and Redis's in turn: `node scripts/replica-cost.ts --rounds 5 --pipeline 16`.
//
// With two cores the replica has to share one with the load, which then comes in smaller portions;
// so that both cases have that in common, a process without other purpose shares the core with the
// load when there is no replica. `--alone` leaves it out.
import { spawn, spawnSync } from "node:child_process";
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
  },
});
const { serverCore, generatorCores } = placeOnCores({ isPinned: true });
const [otherCore] = generatorCores;
const idleWork = ["-e", "for (;;) {}"];

class Group {
  readonly name: string;
  readonly #primary: BenchmarkedServer;
  readonly #replica: BenchmarkedServer | undefined;
  readonly #costs: number[] = [];

  private constructor(primary: BenchmarkedServer, replica: BenchmarkedServer | undefined) {
    this.name = replica === undefined ? primary.name : `${primary.name} with a replica`;
    this.#primary = primary;
    this.#replica = replica;
  }

  static async start(kind: ServerKind, hasReplica: boolean): Promise<Group> {
    const primary = await BenchmarkedServer.start(kind, serverCore);
    if (!hasReplica) return new Group(primary, undefined);
    const replica = await BenchmarkedServer.start(kind, otherCore);
    await primary.control.run("CONFIG", "SET", "repl-diskless-sync-delay", "0");
    await replica.control.run("REPLICAOF", "127.0.0.1", String(primary.port));
    const group = new Group(primary, replica);
    await group.#isLevel();
    return group;
  }

  /** Microseconds for a command, the median of the rounds. */
  get cost(): number {
    return this.#costs.toSorted((a, b) => a - b)[this.#costs.length >> 1];
  }

  async measure(counts: boolean): Promise<void> {
    const fills = this.#replica === undefined && !values.alone;
    const [program, ...words] = pinned([otherCore], [process.execPath, ...idleWork]);
    const filler = fills ? spawn(program, words, { stdio: "ignore" }) : undefined;
    const before = cpuSeconds(this.#primary.pid) ?? 0;
    this.#load();
    await this.#isLevel();
    const after = cpuSeconds(this.#primary.pid) ?? 0;
    filler?.kill("SIGKILL");
    if (counts) this.#costs.push(((after - before) * 1e6) / Number(values.commands));
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

const kinds: ServerKind[] = [
  { name: "respite", command: [process.execPath, `${import.meta.dirname}/../src/main.ts`] },
  { name: "redis", command: ["redis-server"] },
];
const groups: Group[] = [];
try {
  for (const kind of kinds) {
    groups.push(await Group.start(kind, false), await Group.start(kind, true));
  }
  // The first round warms up and does not count.
  for (let round = 0; round <= Number(values.rounds); round++) {
    for (const group of groups) await group.measure(round > 0);
  }
  for (const { name, cost } of groups) console.log(`${name}: ${cost.toFixed(3)} us a SET`);
  const [own, ownPair, redis, redisPair] = groups.map(({ cost }) => cost);
  console.log(
    `without a replica to with one: ${ratio(own, ownPair)}, Redis ${ratio(redis, redisPair)}`,
  );
  console.log(`Redis's primary to ours, with a replica: ${ratio(redisPair, ownPair)}`);
} finally {
  for (const group of groups) await group.stop();
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(2);
}
