// The link of a replica to its primary over TLS, and what keeps it from falling back to none.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import { LocalServer } from "../support/server.ts";
import { makeCertificates } from "../support/tls.ts";

/** The first byte of what begins an encrypted connection. */
const handshakeRecord = 0x16;
const patienceMs = 20_000;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + patienceMs;
  while (!(await isSo())) assert.ok(Date.now() < endMs);
}

async function isUp(client: Client): Promise<boolean> {
  return (await client.text("INFO", "replication")).includes("master_link_status:up");
}

describe("a replica over TLS", () => {
  it("follows, shows its certificate and tells the port for encrypted connections", async () => {
    const { folder, options } = makeCertificates();
    using _ = folder;
    const both = { ...options, port: 0, tlsPort: 0, replDisklessSyncDelay: 0 };
    await using primary = await LocalServer.start(both);
    await using replica = await LocalServer.start({ ...both, tlsReplication: true });
    const above = await primary.connect();
    await above.run("SET", "k", "v");
    const below = await replica.connect();
    await below.run("REPLICAOF", "127.0.0.1", primary.server.tlsPort);
    await until(() => isUp(below));
    assert.equal(await below.run("GET", "k"), "v");
    await until(async () => (await above.text("INFO", "replication")).includes("state=online"));
    const info = await above.text("INFO", "replication");
    assert.ok(info.includes(`port=${replica.server.tlsPort},`), info);
  });

  it("says nothing in the clear", async () => {
    const { folder, options } = makeCertificates();
    using _ = folder;
    const listening = createServer().listen(0, "127.0.0.1");
    await once(listening, "listening");
    const { port } = listening.address() as AddressInfo;
    const encrypted = { ...options, port: 0, tlsPort: 0, tlsReplication: true };
    await using replica = await LocalServer.start(encrypted);
    const below = await replica.connect();
    await below.run("REPLICAOF", "127.0.0.1", port);
    const [socket] = (await once(listening, "connection")) as [Socket];
    const [first] = (await once(socket, "data")) as [Buffer];
    assert.equal(first[0], handshakeRecord);
    socket.destroy();
    listening.close();
  });
});
