// Real Redis beside ours: starts a redis-server of its own on a free port, sends it requests,
// returns the bytes of each reply.
//
// A machine without redis-server skips the tests that need it, and says so; where CI is set that is
// a failure.
import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Argument } from "./engine-harness.ts";
import { parseReplies, replyLength } from "./reply.ts";

/** For a test's `skip` option: the reason why it cannot run, or false. */
export function reasonToSkip(): string | false {
  const { status } = spawnSync("redis-server", ["--version"], { stdio: "ignore" });
  if (status === 0 || process.env["CI"] === "true") return false;
  return "redis-server is not installed, so nothing was compared with it";
}

/**
 * Patterns of the channels that `listen` listens to; events come on the first, `eventsOf` divides
 * them by the second.
 */
const eventChannels = "__keyevent@*";
const dividerChannel = "divider";

export class RealRedis {
  readonly #server: ChildProcess;
  /** What is to be deleted at the end. */
  readonly #directory: string | undefined;
  readonly #port: number;
  readonly #connection: Connection;
  #listener: Connection | undefined;

  private constructor(
    server: ChildProcess,
    directory: string | undefined,
    port: number,
    connection: Connection,
  ) {
    this.#server = server;
    this.#directory = directory;
    this.#port = port;
    this.#connection = connection;
  }

  get port(): number {
    return this.#port;
  }

  /**
   * A server that expires keys only when they are looked at; in a folder of its own unless one is
   * given.
   */
  static async start(
    options: { readonly directory?: string; readonly args?: readonly string[] } = {},
  ): Promise<RealRedis> {
    const port = await freePort();
    const own =
      options.directory === undefined ? mkdtempSync(join(tmpdir(), "real-redis-")) : undefined;
    const directory = options.directory ?? own ?? "";
    const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory];
    flags.push("--enable-debug-command", "yes", ...(options.args ?? []));
    const server = spawn("redis-server", flags, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface({ input: server.stdout })) {
      if (line.includes("Ready to accept connections")) break;
    }
    server.stdout.resume();
    const connection = await Connection.open(port);
    await connection.run([["DEBUG", "SET-ACTIVE-EXPIRE", 0]]);
    return new RealRedis(server, own, port, connection);
  }

  async stop(): Promise<void> {
    this.#connection.close();
    this.#listener?.close();
    const { exitCode, signalCode } = this.#server;
    if (exitCode === null && signalCode === null) {
      const exited = once(this.#server, "exit");
      this.#server.kill();
      await exited;
    }
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true });
  }

  /** Ends the process at once; `stop` still cleans up. */
  kill(): void {
    this.#server.kill("SIGKILL");
  }

  /** Sends all requests at once and returns the replies in their order. */
  run(requests: readonly (readonly Argument[])[]): Promise<Uint8Array[]> {
    return this.#connection.run(requests);
  }

  /** Turns keyspace notifications of all classes on, for `eventsOf`. */
  async listen(): Promise<void> {
    await this.run([["CONFIG", "SET", "notify-keyspace-events", "EAnm"]]);
    this.#listener = await Connection.open(this.#port);
    await this.#listener.run([
      ["PSUBSCRIBE", eventChannels],
      ["SUBSCRIBE", dividerChannel],
    ]);
  }

  /**
   * Runs the requests; what each caused, as `event key`, with the database's number in front when
   * it is not 0.
   */
  async eventsOf(requests: readonly (readonly Argument[])[]): Promise<string[][]> {
    const divider = ["PUBLISH", dividerChannel, ""];
    await this.run(requests.flatMap((request) => [request, divider]));
    const events: string[][] = [];
    let current: string[] = [];
    while (events.length < requests.length) {
      const [message] = parseReplies((await this.#listener!.read(1))[0]) as [string[]];
      if (message[0] === "message") {
        events.push(current);
        current = [];
      } else {
        const [, database, event] = /@(\d+)__:(.*)/.exec(message[2])!;
        current.push(`${database === "0" ? "" : `${database}: `}${event} ${message[3]}`);
      }
    }
    return events;
  }
}

class Connection {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Connection(socket);
  }

  close(): void {
    this.#socket.destroy();
  }

  run(requests: readonly (readonly Argument[])[]): Promise<Uint8Array[]> {
    this.#socket.write(Buffer.concat(requests.map((request) => encodeRequest(request))));
    return this.read(requests.length);
  }

  /** The next replies. */
  async read(count: number): Promise<Uint8Array[]> {
    const replies: Uint8Array[] = [];
    for (;;) {
      this.#takeReplies(replies, count);
      if (replies.length >= count) return replies;
      await once(this.#socket, "data");
    }
  }

  #takeReplies(replies: Uint8Array[], count: number): void {
    let start = 0;
    while (replies.length < count && start < this.#received.length) {
      const length = replyLength(this.#received, start);
      if (length === 0) break;
      replies.push(this.#received.subarray(start, start + length));
      start += length;
    }
    this.#received = this.#received.subarray(start);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function encodeRequest(request: readonly Argument[]): Buffer {
  const parts = [Buffer.from(`*${request.length}\r\n`)];
  for (const each of request) {
    const bytes = each instanceof Uint8Array ? each : Buffer.from(String(each), "latin1");
    parts.push(Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes), Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}
