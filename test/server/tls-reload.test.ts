// Certificates that change on disk while the server runs.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextRound } from "node:timers/promises";
import type { Client } from "../support/client.ts";
import { TlsServer } from "../support/tls.ts";

describe("files that change on disk", { timeout: 30_000 }, () => {
  it("are taken for new connections, once certificate and key are both there", async () => {
    await using server = await TlsServer.start();
    const before = await server.connect();
    const { cert, key } = server.authority.issue("renewed");
    server.folder.write("server.crt", cert);
    server.folder.write("server.key", key);
    await untilLogged(server, /TLS: files have changed, new connections use what they hold now/);
    assert.equal(peerName(await server.connect()), "renewed");
    assert.equal(peerName(before), "server");
    assert.equal(await before.run("PING"), "PONG");
  });

  it("are left alone when they are broken, until they are mended", async () => {
    await using server = await TlsServer.start();
    server.folder.write("server.crt", "half a certif");
    await untilLogged(server, /Failed to load certificate: .*server\.crt/);
    await untilLogged(server, /files have changed and cannot be used, what they held stays/);
    assert.equal(peerName(await server.connect()), "server");
    const { cert, key } = server.authority.issue("mended");
    server.folder.write("server.crt", cert);
    server.folder.write("server.key", key);
    await untilLogged(server, /TLS: files have changed, new connections use what they hold now/);
    assert.equal(peerName(await server.connect()), "mended");
  });

  it("include the authorities", async () => {
    await using server = await TlsServer.start();
    server.folder.write("ca.crt", server.authority.issue("nobody").cert);
    await untilLogged(server, /TLS: files have changed, new connections use what they hold now/);
    await server.refusal();
  });
});

async function untilLogged(server: TlsServer, pattern: RegExp): Promise<void> {
  while (!server.local.log.some((line) => pattern.test(line))) await nextRound();
}

function peerName(client: Client): string {
  const socket = client.socket as unknown as {
    getPeerCertificate(): { subject: { CN: string } };
  };
  return socket.getPeerCertificate().subject.CN;
}
