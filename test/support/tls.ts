// A server that takes encrypted connections, with an authority that both sides trust, and clients
// of it.
import type { ConnectionOptions } from "node:tls";
import { Authority, CertificateFolder } from "./certificates.ts";
import type { Identity } from "./certificates.ts";
import { Client } from "./client.ts";
import { LocalServer } from "./server.ts";
import type { ServerOptions } from "../../src/index.ts";

export class TlsServer implements AsyncDisposable {
  readonly local: LocalServer;
  readonly authority: Authority;
  readonly folder: CertificateFolder;
  /** What a client shows that the server trusts. */
  readonly identity: Identity;
  readonly #clients: Client[] = [];

  private constructor(local: LocalServer, made: ReturnType<typeof makeCertificates>) {
    this.local = local;
    this.authority = made.authority;
    this.folder = made.folder;
    this.identity = made.authority.issue("client");
  }

  /** On a free port; clients must show a certificate unless the options say otherwise. */
  static async start(options: ServerOptions = {}): Promise<TlsServer> {
    const made = makeCertificates();
    const local = await LocalServer.start({ ...made.options, tlsPort: 0, ...options });
    return new TlsServer(local, made);
  }

  get port(): number {
    return this.local.server.tlsPort;
  }

  /** What node:tls takes to connect as a client that the server trusts. */
  get clientOptions(): ConnectionOptions {
    return { ca: this.authority.cert, ...this.identity };
  }

  /** A client that the server has accepted: it has answered already. */
  async connect(options: ConnectionOptions = {}): Promise<Client> {
    const tls = { ...this.clientOptions, ...options };
    const client = await Client.connect({ port: this.port, host: "127.0.0.1", tls });
    this.#clients.push(client);
    await client.run("PING");
    return client;
  }

  /** What keeps such a client out: the text of the first error. Fails when it is let in. */
  async refusal(options: ConnectionOptions = {}): Promise<string> {
    try {
      await this.connect(options);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error("the client was let in");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.local[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** A server's certificate, its authority, and the options that name their files. */
export function makeCertificates(): {
  authority: Authority;
  folder: CertificateFolder;
  options: { tlsCertFile: string; tlsKeyFile: string; tlsCaCertFile: string };
} {
  const authority = new Authority("authority");
  const folder = new CertificateFolder();
  const { cert, key } = authority.issue("server");
  const options = {
    tlsCertFile: folder.write("server.crt", cert),
    tlsKeyFile: folder.write("server.key", key),
    tlsCaCertFile: folder.write("ca.crt", authority.cert),
  };
  return { authority, folder, options };
}
