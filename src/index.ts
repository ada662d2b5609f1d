// The library entry: what `import { createServer } from "respite"` gives. A placeholder until the
// server is assembled: it has the shape of the real one and serves nothing.

/**
 * A running server. `port` is the TCP port it listens on, chosen by the system when 0 was asked
 * for.
 */
export interface Server {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server. Rejects, for as long as this placeholder stands. */
export async function createServer(_options: { readonly port?: number } = {}): Promise<Server> {
  return Promise.reject(new Error("createServer is not there yet"));
}
