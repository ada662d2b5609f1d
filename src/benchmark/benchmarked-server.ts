// A server that is being measured: a process on a core of its own, in an empty folder, that keeps
// nothing on disk.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlConnection } from "./control-connection.ts";
import { pinned } from "./cores.ts";
import type { ServerKind } from "./server-kind.ts";

const startMaxMs = 20_000;
const retryMs = 20;
const logLinesShown = 5;

export class BenchmarkedServer {
  readonly name: string;
  readonly port: number;
  /** Of the server itself, whatever the process that was started did to start it. */
  readonly pid: number;
  /** Its name for itself, and its version. */
  readonly version: string;
  readonly control: ControlConnection;
  readonly #process: StartedProcess;

  private constructor(
    started: StartedProcess,
    control: ControlConnection,
    info: ReadonlyMap<string, string>,
  ) {
    this.name = started.name;
    this.port = started.port;
    this.#process = started;
    this.control = control;
    this.pid = Number(info.get("process_id") ?? started.child.pid);
    this.version =
      ["respite_version", "valkey_version", "redis_version"]
        .map((field) => info.get(field))
        .find((version) => version !== undefined) ?? "unknown";
  }

  /** Starts it and waits until it answers; rejects with the end of its log when it does not. */
  static async start(kind: ServerKind, core: number | undefined): Promise<BenchmarkedServer> {
    const started = await StartedProcess.start(kind, core);
    try {
      const control = await started.connect();
      return new BenchmarkedServer(started, control, await control.info());
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.control.close();
    await this.#process.end();
  }
}

class StartedProcess {
  readonly name: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly directory: string;
  #log = "";
  /** When this process ends before its time, nothing is left behind. */
  readonly #abandon = (): void => {
    this.child.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true });
  };

  private constructor(kind: ServerKind, core: number | undefined, port: number) {
    this.name = kind.name;
    this.port = port;
    this.directory = mkdtempSync(join(tmpdir(), "respite-benchmark-"));
    const [program, ...words] = pinned(core === undefined ? [] : [core], [
      ...kind.command,
      ...argumentsFor(port, this.directory),
    ]);
    this.child = spawn(program, words, {
      cwd: this.directory,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const output of [this.child.stdout, this.child.stderr]) {
      output?.on("data", (chunk: Buffer) => (this.#log = (this.#log + String(chunk)).slice(-4096)));
    }
    this.child.on("error", (error) => (this.#log += error.message));
    process.once("exit", this.#abandon);
  }

  static async start(kind: ServerKind, core: number | undefined): Promise<StartedProcess> {
    return new StartedProcess(kind, core, await freePort());
  }

  async connect(): Promise<ControlConnection> {
    const endMs = performance.now() + startMaxMs;
    for (;;) {
      try {
        const control = await ControlConnection.open(this.port);
        await control.run("PING");
        return control;
      } catch {
        if (this.#hasEnded || this.child.pid === undefined || performance.now() > endMs)
          throw this.#failure();
        await new Promise((resolve) => {
          setTimeout(resolve, retryMs);
        });
      }
    }
  }

  /** Ends it and deletes its folder. */
  async end(): Promise<void> {
    process.off("exit", this.#abandon);
    if (this.child.pid !== undefined && !this.#hasEnded) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  #failure(): Error {
    const lines = this.#log.trimEnd().split("\n").slice(-logLinesShown).join("\n");
    return new Error(`${this.name} did not start:\n${lines}`);
  }
}

/** What redis-server takes, and every server here: nothing is kept on disk. */
function argumentsFor(port: number, directory: string): string[] {
  const network = ["--port", String(port), "--bind", "127.0.0.1"];
  return network.concat("--save", "", "--appendonly", "no", "--dir", directory);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
