// What a message to many subscribers costs: one publisher, 1,000 subscribers to one channel.
//
// First the publisher goes as fast as the server lets it, and the server's CPU time tells what a
// delivery costs. Then it keeps to a rate that leaves the server half idle, and the subscribers
// measure how long each message takes; and once more with one subscriber that is stopped, which
// nobody else should notice.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { Bench } from "./bench.ts";
import { BenchmarkedServer } from "./benchmarked-server.ts";
import { pinned } from "./cores.ts";
import type { SubscribersOrder } from "./fan-out-message.ts";
import { channel, nowUs, timeDigits } from "./fan-out-message.ts";
import { count } from "./figures.ts";
import { Histogram } from "./histogram.ts";
import type { HistogramParts } from "./histogram.ts";
import { median } from "./measurement.ts";
import { ownProgram } from "./own-program.ts";
import { Patience, patienceMs } from "./patience.ts";
import { cpuSeconds } from "./process-cpu.ts";
import { ReplySkimmer } from "./reply-skimmer.ts";
import type { FanOutCell } from "./result.ts";
import type { ServerKind } from "./server-kind.ts";

const messageBytes = 100;
const messagesPerSecond = 100;
/** Each phase takes so many times as long as a measurement of a workload. */
const phaseFactor = 2;
const settleMs = 500;

/** Rounds on every server; nothing when no subscribers were asked for. */
export async function measureFanOut({
  options,
  placement,
  progress,
}: Bench): Promise<FanOutCell[]> {
  const { subscribers, servers, rounds, measureSeconds } = options;
  if (subscribers === 0) return [];
  progress.expect(servers.length * rounds);
  const found = new Map<string, FanOutCell[]>();
  for (let round = 0; round < rounds; round++) {
    for (const kind of servers) {
      progress.start(`fan-out ${kind.name}`);
      const fanOut = new FanOut(
        subscribers,
        measureSeconds * phaseFactor,
        placement.generatorCores,
      );
      const cell = await fanOut.measure(kind, placement.serverCore);
      found.set(kind.name, [...(found.get(kind.name) ?? []), cell]);
      progress.finish(`${count(cell.deliveriesPerSecond)} deliveries/s`);
    }
  }
  return [...found.values()].map(medianOfCells);
}

class FanOut {
  readonly #subscribers: number;
  readonly #seconds: number;
  readonly #cores: readonly number[];

  constructor(subscribers: number, seconds: number, cores: readonly number[]) {
    this.#subscribers = subscribers;
    this.#seconds = seconds;
    this.#cores = cores;
  }

  async measure(kind: ServerKind, core: number | undefined): Promise<FanOutCell> {
    const server = await BenchmarkedServer.start(kind, core);
    const many = new Subscribers(this.#cores);
    const one = new Subscribers(this.#cores);
    try {
      await many.subscribe(server.port, this.#subscribers - 1);
      await one.subscribe(server.port, 1);
      const publisher = await Publisher.connect(server.port);
      try {
        return await this.#phases(server, publisher, many, one);
      } finally {
        publisher.close();
      }
    } finally {
      many.signal("SIGKILL");
      one.signal("SIGKILL");
      await server.stop();
    }
  }

  async #phases(
    server: BenchmarkedServer,
    publisher: Publisher,
    many: Subscribers,
    one: Subscribers,
  ): Promise<FanOutCell> {
    const counted = async (): Promise<Histogram> => {
      await pause(settleMs);
      return await many.counted();
    };
    await publisher.flatOut(this.#seconds);
    await counted();
    await one.counted();
    const before = cpuSeconds(server.pid);
    await publisher.flatOut(this.#seconds);
    const flatOut = await counted();
    const after = cpuSeconds(server.pid);
    const deliveries = flatOut.total + (await one.counted()).total;
    await publisher.steadily(messagesPerSecond, this.#seconds);
    const steady = await counted();
    one.signal("SIGSTOP");
    await publisher.steadily(messagesPerSecond, this.#seconds);
    const withStopped = await counted();
    return {
      server: server.name,
      subscribers: this.#subscribers,
      messageBytes,
      messagesPerSecond,
      deliveriesPerSecond: deliveries / this.#seconds,
      ...(before === undefined || after === undefined
        ? {}
        : { deliveriesPerCpuSecond: deliveries / (after - before) }),
      p50Us: steady.percentileUs(50),
      p99Us: steady.percentileUs(99),
      p50UsOneStopped: withStopped.percentileUs(50),
      p99UsOneStopped: withStopped.percentileUs(99),
    };
  }
}

class Subscribers {
  readonly #child: ChildProcess;

  constructor(cores: readonly number[]) {
    const program = ownProgram("./fan-out-subscribers.ts");
    const [file, ...words] = pinned(cores, [process.execPath, program]);
    this.#child = spawn(file, words, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  async subscribe(port: number, subscriberCount: number): Promise<void> {
    await this.#order({ kind: "subscribe", port, count: subscriberCount, messageBytes });
  }

  /** Latencies of what they got since the last time. */
  async counted(): Promise<Histogram> {
    return Histogram.from(await this.#order({ kind: "tell" }));
  }

  signal(name: "SIGSTOP" | "SIGKILL"): void {
    this.#child.kill(name);
  }

  async #order(order: SubscribersOrder): Promise<HistogramParts> {
    const answer = once(this.#child, "message");
    this.#child.send(order);
    const [parts] = (await answer) as [HistogramParts];
    return parts;
  }
}

class Publisher {
  readonly #socket: Socket;
  readonly #skimmer = new ReplySkimmer();
  readonly #filler = "x".repeat(messageBytes - timeDigits);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
  }

  static async connect(port: number): Promise<Publisher> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new Publisher(socket);
  }

  /** Publishes as fast as the replies come back. */
  async flatOut(seconds: number): Promise<void> {
    const endUs = nowUs() + seconds * 1e6;
    const patience = new Patience(patienceMs);
    patience.over.catch((error: unknown) => this.#socket.destroy(error as Error));
    try {
      while (nowUs() < endUs) {
        this.#socket.write(this.#request());
        await this.#reply();
        patience.renew();
      }
    } finally {
      patience.stop();
    }
  }

  /** Publishes at a rate, whatever comes back. */
  async steadily(perSecond: number, seconds: number): Promise<void> {
    this.#socket.resume();
    const startUs = nowUs();
    const end = Math.ceil(perSecond * seconds);
    for (let sent = 0; sent < end;) {
      const due = Math.min(((nowUs() - startUs) / 1e6) * perSecond, end);
      for (; sent < due; sent++) this.#socket.write(this.#request());
      await pause(1);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #reply(): Promise<void> {
    for (;;) {
      const [bytes] = (await once(this.#socket, "data")) as [Buffer];
      if (this.#skimmer.skim(bytes, bytes.length) > 0) return;
    }
  }

  #request(): string {
    const text = String(nowUs()).padStart(timeDigits, "0") + this.#filler;
    const words = ["PUBLISH", channel, text];
    return `*3\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function medianOfCells(cells: readonly FanOutCell[]): FanOutCell {
  const medians = Object.entries(cells[0])
    .filter(([, value]) => typeof value === "number")
    .map(([name]) => [name, median(cells.map((cell) => Number(cell[name as keyof FanOutCell])))]);
  return { ...cells[0], ...(Object.fromEntries(medians) as Partial<FanOutCell>) };
}
