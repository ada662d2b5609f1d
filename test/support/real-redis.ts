// Real Redis beside ours: starts a redis-server of its own on a free port, sends it requests, returns the bytes of each reply.
//
// A machine without redis-server skips the tests that need it, and says so; where CI is set that is a failure.
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
import { replyLength } from "./reply.ts";

/** For a test's `skip` option: the reason why it cannot run, or false. */
export function reasonToSkip(): string | false {
  const { status } = spawnSync("redis-server", ["--version"], { stdio: "ignore" });
  if (status === 0 || process.env["CI"] === "true") return false;
  return "redis-server is not installed, so nothing was compared with it";
}

export class RealRedis {
  readonly #server: ChildProcess;
  readonly #directory: string;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(server: ChildProcess, directory: string, socket: Socket) {
    this.#server = server;
    this.#directory = directory;
    this.#socket = socket;
  }

  static async start(): Promise<RealRedis> {
    const port = await freePort();
    const directory = mkdtempSync(join(tmpdir(), "real-redis-"));
    const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", directory];
    const server = spawn("redis-server", flags, { stdio: ["ignore", "pipe", "ignore"] });
    for await (const line of createInterface({ input: server.stdout })) {
      if (line.includes("Ready to accept connections")) break;
    }
    server.stdout.resume();
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RealRedis(server, directory, socket);
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    const exited = once(this.#server, "exit");
    this.#server.kill();
    await exited;
    rmSync(this.#directory, { recursive: true });
  }

  /** Sends all requests at once and returns the replies in their order. */
  async run(requests: readonly (readonly Argument[])[]): Promise<Uint8Array[]> {
    this.#socket.write(Buffer.concat(requests.map((request) => encodeRequest(request))));
    const replies: Uint8Array[] = [];
    for (;;) {
      this.#takeReplies(replies);
      if (replies.length >= requests.length) return replies;
      const [chunk] = (await once(this.#socket, "data")) as [Buffer];
      this.#received = Buffer.concat([this.#received, chunk]);
    }
  }

  #takeReplies(replies: Uint8Array[]): void {
    let start = 0;
    for (;;) {
      const length = start < this.#received.length ? replyLength(this.#received, start) : 0;
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
