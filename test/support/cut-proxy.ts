// A TCP proxy between a replica and its primary that cuts the connection after so many bytes: what
// a network does at the worst moment, at every moment.
import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

export class CutProxy implements AsyncDisposable {
  /** Bytes that have passed, by whom they came from. */
  readonly passed = { primary: 0, replica: 0 };
  /** How often it has cut. */
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #left = { primary: Infinity, replica: Infinity };
  #cut: () => void = () => {};

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<CutProxy> {
    const server = createServer();
    const proxy = new CutProxy(server);
    server.on("connection", (replica: Socket) => proxy.#join(replica, connect(port, "127.0.0.1")));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts after so many more bytes from that side, once; resolves when it has. */
  cutAfter(bytes: number, from: "primary" | "replica"): Promise<void> {
    this.#left[from] = bytes;
    return new Promise((resolve) => {
      this.#cut = resolve;
    });
  }

  #join(replica: Socket, primary: Socket): void {
    this.#carry("replica", replica, primary);
    this.#carry("primary", primary, replica);
  }

  #carry(side: "primary" | "replica", from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      const left = this.#left[side];
      if (chunk.length < left) {
        this.#left[side] = left - chunk.length;
        this.passed[side] += chunk.length;
        to.write(chunk);
        return;
      }
      this.#left[side] = Infinity;
      this.passed[side] += left;
      this.cuts++;
      from.removeAllListeners("data");
      // What came before the cut arrives.
      to.end(chunk.subarray(0, left), () => {
        from.destroy();
        this.#cut();
      });
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
