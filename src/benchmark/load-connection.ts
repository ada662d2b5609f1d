// One of the generator's connections: sends parts of a pool of requests, and tells how many replies
// have come. Bytes are read into a buffer of its own and looked at where they lie.
import { connect } from "node:net";
import type { Socket } from "node:net";
import { once } from "node:events";
import { Patience, patienceMs } from "./patience.ts";
import { ReplySkimmer } from "./reply-skimmer.ts";

const readBytes = 64 * 1024;

export class LoadConnection {
  readonly #socket: Socket;
  readonly skimmer = new ReplySkimmer();
  /** Told of replies: how many, and when they were read (`performance.now()`). */
  onReplies: (count: number, nowMs: number) => void = () => undefined;
  onLost: (error: Error) => void = () => undefined;

  private constructor(port: number) {
    const buffer = Buffer.allocUnsafe(readBytes);
    const onread = {
      buffer,
      callback: (size: number): boolean => {
        const count = this.skimmer.skim(buffer, size);
        if (count > 0) this.onReplies(count, performance.now());
        return true;
      },
    };
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
  }

  static async open(port: number): Promise<LoadConnection> {
    const connection = new LoadConnection(port);
    await once(connection.#socket, "connect");
    connection.#socket.on("error", (error) => connection.onLost(error));
    connection.#socket.on("end", () => connection.onLost(new Error("the server hung up")));
    return connection;
  }

  /** Bytes that the kernel would not take yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /**
   * Sends and waits until so many replies have come; rejects if one of them is an error, or when
   * no more come.
   */
  async request(bytes: Buffer, replies: number): Promise<void> {
    let missing = replies;
    const patience = new Patience(patienceMs);
    const answered = new Promise<void>((resolve, reject) => {
      this.onLost = reject;
      this.onReplies = (count) => {
        patience.renew();
        missing -= count;
        if (missing <= 0) resolve();
      };
      this.send(bytes);
    });
    try {
      await Promise.race([answered, patience.over]);
    } finally {
      patience.stop();
    }
    if (this.skimmer.errors > 0) throw new Error(this.skimmer.errorText);
  }

  close(): void {
    this.onReplies = () => undefined;
    this.onLost = () => undefined;
    this.#socket.destroy();
  }
}
