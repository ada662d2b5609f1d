// The benchmark's own connection to a server: for what is not load, one request after the other.
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { Patience, patienceMs } from "./patience.ts";
import { ReplySkimmer } from "./reply-skimmer.ts";

export class ControlConnection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // Whoever waits for an answer is told; whoever does not, need not know.
    socket.on("error", () => undefined);
  }

  /** Rejects when nothing listens there. */
  static async open(port: number): Promise<ControlConnection> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new ControlConnection(socket);
  }

  /**
   * The bytes of the reply, as text; rejects when it is an error, when there is none, or when the
   * server hangs up.
   */
  async run(...words: readonly string[]): Promise<string> {
    const skimmer = new ReplySkimmer();
    const request = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("");
    const reply = new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const hungUp = (): void => reject(new Error(`the server hung up on ${words[0]}`));
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        if (skimmer.skim(chunk, chunk.length) === 0) return;
        this.#socket.off("data", take).off("close", hungUp);
        if (skimmer.errors > 0) reject(new Error(`${words[0]}: ${skimmer.errorText}`));
        else resolve(Buffer.concat(chunks).toString("utf8"));
      };
      this.#socket.on("data", take).on("close", hungUp);
    });
    this.#socket.write(`*${words.length}\r\n${request}`);
    const patience = new Patience(patienceMs);
    try {
      return await Promise.race([reply, patience.over]);
    } finally {
      patience.stop();
    }
  }

  /** The fields of INFO, of all of its default sections. */
  async info(): Promise<ReadonlyMap<string, string>> {
    const text = await this.run("INFO");
    return new Map(
      [...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name, value]) => [name, value]),
    );
  }

  close(): void {
    this.#socket.destroy();
  }
}
