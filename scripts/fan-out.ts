// What a message to many subscribers costs: one publisher, 1,000 subscribers to one channel,
// against ours and redis-server in turn. `node scripts/fan-out.ts --seconds 5 --rounds 3`.
//
// First the publisher goes as fast as the server lets it, and the server's CPU time tells what a
// delivery costs. Then it keeps to a rate that leaves the server half idle, and the subscribers
// measure how long each message takes; and once more with one subscriber that is stopped (SIGSTOP),
// which nobody else should notice. Subscribers are processes of their own, so that one can be
// stopped; each message tells when it was sent.
import type { ChildProcess } from "node:child_process";
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    subscribers: { type: "string", default: "1000" },
    bytes: { type: "string", default: "100" },
    pipeline: { type: "string", default: "1" },
    rate: { type: "string", default: "100" },
    port: { type: "string", default: "17000" },
    role: { type: "string" },
  },
});

const seconds = Number(values.seconds);
const messageBytes = Number(values.bytes);
const pipeline = Number(values.pipeline);
const channel = "news";
const ticksPerSecond = 100;
const timeDigits = 16;

/** A message stands at the end of what a subscriber gets for it. */
const channelHead = `$${channel.length}\r\n${channel}\r\n`;
const deliveryHead = `*3\r\n$7\r\nmessage\r\n${channelHead}$${messageBytes}\r\n`;
const deliveryBytes = deliveryHead.length + messageBytes + 2;

function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

interface Counted {
  readonly deliveries: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A process of subscribers: counts what they get, says so when asked. */
async function subscribe(port: number, count: number): Promise<void> {
  let deliveries = 0;
  let latenciesUs: number[] = [];
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
    socket.write(`SUBSCRIBE ${channel}\r\n`);
    await once(socket, "data");
    let rest: Buffer = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const arrivedUs = nowUs();
      let at = 0;
      for (; at + deliveryBytes <= all.length; at += deliveryBytes) {
        const start = at + deliveryHead.length;
        deliveries++;
        latenciesUs.push(arrivedUs - Number(all.toString("latin1", start, start + timeDigits)));
      }
      rest = all.subarray(at);
    });
  }
  process.on("message", () => {
    latenciesUs.sort((left, right) => left - right);
    const at = (share: number): number =>
      (latenciesUs[Math.floor(latenciesUs.length * share)] ?? 0) / 1000;
    process.send?.({ deliveries, p50Ms: at(0.5), p99Ms: at(0.99) } satisfies Counted);
    deliveries = 0;
    latenciesUs = [];
  });
  process.send?.("ready");
}

class Subscribers {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(port: number, count: number): Promise<Subscribers> {
    const child = fork(import.meta.filename, [
      ...process.argv.slice(2),
      `--role=subscriber`,
      `--port=${port}`,
      `--subscribers=${count}`,
    ]);
    await once(child, "message");
    return new Subscribers(child);
  }

  async counted(): Promise<Counted> {
    const answer = once(this.#child, "message");
    this.#child.send("tell");
    return (await answer)[0] as Counted;
  }

  signal(name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void {
    this.#child.kill(name);
  }
}

/** CPU time of a process so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Of all that is sent on it, one reply a request comes back. */
class Publisher {
  readonly #socket: Socket;
  readonly #filler = "x".repeat(messageBytes - timeDigits);

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(port: number): Promise<Publisher> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new Publisher(socket);
  }

  /** Publishes as fast as the replies come back. */
  async flatOut(): Promise<void> {
    const endUs = nowUs() + seconds * 1e6;
    while (nowUs() < endUs) {
      this.#socket.write(this.#request().repeat(pipeline));
      await this.#replies(pipeline);
    }
  }

  /** Waits until so many replies, a line each, have come. */
  async #replies(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      const [bytes] = (await once(this.#socket, "data")) as [Buffer];
      left -= bytes.toString("latin1").split("\n").length - 1;
    }
  }

  /** Publishes at a rate, whatever comes back. */
  async steadily(perSecond: number): Promise<void> {
    this.#socket.resume();
    const startUs = nowUs();
    for (let sent = 0; sent < perSecond * seconds;) {
      const due = Math.min(((nowUs() - startUs) / 1e6) * perSecond, perSecond * seconds);
      for (; sent < due; sent++) this.#socket.write(this.#request());
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #request(): string {
    const time = String(nowUs()).padStart(timeDigits, "0");
    const text = `${time}${this.#filler}`;
    const words = ["PUBLISH", channel, text];
    return `*3\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function waitForPort(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await pause(50);
  }
}

/** One server's turn: its figures as a line. Deliveries a second of the server's CPU time. */
async function measure(name: string, command: readonly string[], port: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "respite-fan-out-"));
  const server = spawn(command[0], [...command.slice(1), "--port", String(port), "--save", ""], {
    cwd: directory,
    stdio: "ignore",
  });
  const pid = server.pid ?? 0;
  await waitForPort(port);
  const many = await Subscribers.start(port, Number(values.subscribers) - 1);
  const one = await Subscribers.start(port, 1);
  const publisher = await Publisher.connect(port);
  try {
    await publisher.flatOut();
    await pause(500);
    await many.counted();
    await one.counted();
    const before = cpuSeconds(pid);
    await publisher.flatOut();
    await pause(500);
    const spent = cpuSeconds(pid) - before;
    const { deliveries } = await many.counted();
    const perCpuSecond = (deliveries + (await one.counted()).deliveries) / spent;
    await publisher.steadily(Number(values.rate));
    await pause(500);
    const all = await many.counted();
    one.signal("SIGSTOP");
    await publisher.steadily(Number(values.rate));
    await pause(500);
    const withStopped = await many.counted();
    publisher.close();
    console.log(
      `${name.padEnd(8)} ${Math.round(perCpuSecond).toLocaleString("en")} deliveries/s of CPU ` +
        `(${Math.round(deliveries / seconds).toLocaleString("en")}/s), ` +
        `at ${values.rate} messages/s ` +
        `p50 ${all.p50Ms.toFixed(2)} p99 ${all.p99Ms.toFixed(2)} ms; one stopped: ` +
        `p50 ${withStopped.p50Ms.toFixed(2)} p99 ${withStopped.p99Ms.toFixed(2)} ms`,
    );
    return perCpuSecond;
  } finally {
    many.signal("SIGKILL");
    one.signal("SIGKILL");
    server.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  }
}

async function compare(): Promise<void> {
  const ours = [process.execPath, join(import.meta.dirname, "../src/main.ts")];
  const firstPort = Number(values.port);
  for (let round = 0; round < Number(values.rounds); round++) {
    const reference = await measure("redis", ["redis-server"], firstPort + 2 * round);
    const own = await measure("respite", ours, firstPort + 2 * round + 1);
    console.log(`ratio ${(own / reference).toFixed(2)}`);
  }
}

if (values.role === "subscriber") await subscribe(Number(values.port), Number(values.subscribers));
else await compare();
