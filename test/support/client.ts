// A small RESP client over a socket, for tests that care about bytes, order and the end of a
// connection. It speaks RESP2 and RESP3: what the server pushes goes to a queue of its own.
//
// Nothing here waits for time to pass: `next` waits for a reply, `closed` for the end. Both fail
// when what they wait for can no longer come.
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { connect as connectTls } from "node:tls";
import type { Argument } from "./engine-harness.ts";
import type { Reply } from "./reply.ts";
import { parseReplies, replyLength } from "./reply.ts";

/** Where a server listens. */
export type Target =
  | { readonly port: number; readonly host?: string; readonly localAddress?: string }
  | { readonly path: string }
  | { readonly port: number; readonly host?: string; readonly tls: ConnectionOptions };

const pushByte = 0x3e;

export class Client {
  readonly socket: Socket;
  /** Resolves when the connection is gone, with the error's code if there was one. */
  readonly closed: Promise<string>;
  /** Bytes received in all, and the number of pieces that they came in. */
  receivedBytes = 0;
  receivedPieces = 0;
  /** Set before data arrives: bytes are counted and thrown away. */
  isDiscarding = false;
  readonly #pushes: Reply[] = [];
  #buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    let code = "";
    socket.on("error", (error: NodeJS.ErrnoException) => {
      code = error.code ?? error.message;
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => resolve(code));
    });
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  /** Resolves when the system has connected us; the server may not have seen us yet. */
  static async connect(target: Target): Promise<Client> {
    const isEncrypted = "tls" in target;
    const socket = isEncrypted
      ? connectTls({ port: target.port, host: target.host ?? "127.0.0.1", ...target.tls })
      : connect({ ...target, noDelay: true });
    await once(socket, isEncrypted ? "secureConnect" : "connect");
    return new Client(socket);
  }

  #take(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    this.receivedPieces++;
    if (this.isDiscarding) return;
    const left = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(2 * (left + chunk.length), 4096));
      this.#buffer.copy(grown, 0, this.#start, this.#end);
      this.#buffer = grown;
      this.#start = 0;
      this.#end = left;
    }
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** Sends bytes as they are; a string as Latin-1. */
  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Sends a request and resolves to the next reply. */
  run(...request: Argument[]): Promise<Reply> {
    this.send(encodeRequest(request));
    return this.next();
  }

  /** The same for a reply that is a text or a number; an error, or anything else, is thrown. */
  async text(...request: Argument[]): Promise<string> {
    const reply = await this.run(...request);
    if (typeof reply === "string" || typeof reply === "number") return String(reply);
    throw new Error(`${String(request[0])} replied ${JSON.stringify(reply)}`);
  }

  /** Sends requests, whose words are parted by blanks, in one write; resolves to their replies. */
  async pipeline(...requests: string[]): Promise<Reply[]> {
    this.send(Buffer.concat(requests.map((each) => encodeRequest(each.split(" ")))));
    return this.take(requests.length);
  }

  /** The next replies. */
  async take(count: number): Promise<Reply[]> {
    const replies: Reply[] = [];
    while (replies.length < count) replies.push(await this.next());
    return replies;
  }

  /** The next reply; pushes that come before it are kept for `nextPush`. */
  async next(): Promise<Reply> {
    for (;;) {
      const found = this.#parse();
      if (found?.isPush === false) return found.reply;
      if (found === undefined) await this.#more();
      else this.#pushes.push(found.reply);
    }
  }

  /** The next push. Fails when a reply comes first. */
  async nextPush(): Promise<Reply> {
    for (;;) {
      const kept = this.#pushes.shift();
      if (kept !== undefined) return kept;
      const found = this.#parse();
      if (found?.isPush === false) throw new Error(`a reply came: ${JSON.stringify(found.reply)}`);
      if (found === undefined) await this.#more();
      else this.#pushes.push(found.reply);
    }
  }

  /** Replies that are there and whole, without waiting. */
  get unread(): Reply[] {
    return parseReplies(this.#buffer.subarray(this.#start, this.#end));
  }

  #parse(): { readonly reply: Reply; readonly isPush: boolean } | undefined {
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    const length = bytes.length === 0 ? 0 : replyLength(bytes, 0);
    if (length === 0) return undefined;
    this.#start += length;
    const [reply] = parseReplies(bytes.subarray(0, length));
    return { reply, isPush: bytes[0] === pushByte };
  }

  async #more(): Promise<void> {
    if (this.socket.readableEnded || this.socket.destroyed) throw new Error("connection closed");
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        this.socket.off("data", settle).off("end", fail).off("close", fail);
        resolve();
      };
      const fail = (): void => {
        settle();
        reject(new Error("connection closed"));
      };
      this.socket.on("data", settle).on("end", fail).on("close", fail);
    });
  }

  /** All replies until the server ends the connection; then it is closed from our side too. */
  async rest(): Promise<Reply[]> {
    if (!this.socket.readableEnded && !this.socket.destroyed) {
      await new Promise((resolve) => this.socket.on("end", resolve).on("close", resolve));
    }
    this.destroy();
    return this.unread;
  }

  /** Sends nothing more; the server may go on. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** A request as an array of bulk strings. */
export function encodeRequest(request: readonly Argument[]): Buffer {
  const parts = [Buffer.from(`*${request.length}\r\n`)];
  for (const each of request) {
    const bytes = each instanceof Uint8Array ? each : Buffer.from(String(each), "latin1");
    parts.push(Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes), Buffer.from("\r\n"));
  }
  return Buffer.concat(parts);
}
