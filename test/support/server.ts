// Servers for tests: ours in this process, made by the library's `createServer`, and ours as a
// process of its own, started as a user starts it.
//
// Both remember their log; closing either fails when it tells of an error of our own.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Server, ServerOptions } from "../../src/index.ts";
import { createServer } from "../../src/index.ts";
import { Client } from "./client.ts";

/** Node keeps what it has compiled here, which makes the next start three times as fast. */
const compileCache = join(tmpdir(), "respite-compile-cache");

/**
 * `RESPITE_TEST_TRANSPORT=epoll npm test`, or `=net`: all servers over one transport. Without it
 * those in this process run over node:net and those of their own as a user starts them.
 */
const testedTransport = transportOf(process.env["RESPITE_TEST_TRANSPORT"]);

function transportOf(name: string | undefined): "epoll" | "net" | undefined {
  if (name === undefined || name === "epoll" || name === "net") return name;
  throw new RangeError(`RESPITE_TEST_TRANSPORT=${name}: it must be epoll or net`);
}

/** A snapshot that is cut off is an internal error only in the words of Redis's log. */
const ownErrors = /Internal error(?! in RDB)|Unexpected (?:error|rejection)/;

function assertNoOwnErrors(lines: readonly string[]): void {
  const found = lines.filter((line) => ownErrors.test(line));
  assert.deepEqual(found, []);
}

/** Waits until the server has so many clients; `client`, one of them, asks it. */
async function untilClients(client: Client, count: number): Promise<void> {
  for (;;) {
    const info = await client.text("INFO", "clients");
    if (info.includes(`connected_clients:${count}\r\n`)) return;
  }
}

/** A server in this process, and the clients that were connected to it through this object. */
export class LocalServer implements AsyncDisposable {
  readonly server: Server;
  readonly log: string[];
  readonly #clients: Client[] = [];

  private constructor(server: Server, log: string[]) {
    this.server = server;
    this.log = log;
  }

  static async start(options: ServerOptions = {}): Promise<LocalServer> {
    const log: string[] = [];
    const server = await createServer({
      log: (line) => void log.push(line),
      ioTransport: testedTransport ?? "net",
      ...options,
    });
    return new LocalServer(server, log);
  }

  get port(): number {
    return this.server.port;
  }

  /** A client that the server has accepted: it has answered already. */
  async connect(): Promise<Client> {
    const client = await this.connectUnseen();
    await client.run("PING");
    return client;
  }

  /** The same without the first request, for servers that do not answer it with PONG. */
  async connectUnseen(): Promise<Client> {
    const client = await Client.connect({ port: this.port, host: this.server.host });
    this.#clients.push(client);
    return client;
  }

  advance(ms: number): void {
    this.server.clock.advance(ms);
  }

  untilClients(client: Client, count: number): Promise<void> {
    return untilClients(client, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.server.close();
    assertNoOwnErrors(this.log);
  }
}

export interface ProcessOptions {
  /** What stands in front of the program, to limit its resources for example. */
  readonly wrapper?: readonly string[];
}

/** A server in a process of its own, in an empty folder that is deleted with it. */
export class ServerProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly log: string[];
  /** Resolves to the exit code, or to the signal that ended it. */
  readonly ended: Promise<number | string>;
  port = 0;

  private constructor(child: ChildProcess, directory: string, log: string[]) {
    this.child = child;
    this.directory = directory;
    this.log = log;
    this.ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  }

  /**
   * Starts `respite` with these arguments; a free port unless they name one, and no save points.
   */
  static async start(
    args: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<ServerProcess> {
    const directory = mkdtempSync(join(tmpdir(), "respite-"));
    const program = join(import.meta.dirname, "..", "..", "src", "main.ts");
    const portArguments = args.includes("--port") ? [] : ["--port", "0"];
    const folder = args.includes("--dir") ? [] : ["--dir", directory];
    const saves = args.includes("--save") ? [] : ["--save", ""];
    const isChosen = testedTransport === undefined || args.includes("--io-transport");
    const transport = isChosen ? [] : ["--io-transport", testedTransport];
    const defaults = [...portArguments, ...folder, ...saves, ...transport];
    const command = [process.execPath, program, ...args, ...defaults];
    const [file, ...rest] = [...(options.wrapper ?? []), ...command];
    const child = spawn(file, rest, {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: directory,
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    const started = new ServerProcess(child, directory, []);
    await started.#ready();
    return started;
  }

  async #ready(): Promise<void> {
    const lines = createInterface({ input: this.child.stdout! });
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        this.log.push(line);
        this.port ||= Number(/Running mode=standalone, port=(\d+)\./.exec(line)?.[1] ?? 0);
        if (line.includes("Ready to accept connections")) resolve();
      });
      lines.on("close", () => reject(new Error(`it did not start:\n${this.log.join("\n")}`)));
    });
  }

  connect(): Promise<Client> {
    return Client.connect({ port: this.port, host: "127.0.0.1" });
  }

  /** From now on the system lets it have no more descriptors than so many. Linux. */
  limitDescriptors(count: number): void {
    execFileSync("prlimit", ["--pid", String(this.child.pid), `--nofile=${count}`]);
  }

  untilClients(client: Client, count: number): Promise<void> {
    return untilClients(client, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
    rmSync(this.directory, { recursive: true, force: true });
    assertNoOwnErrors(this.log);
  }
}
