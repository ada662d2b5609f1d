// Encrypted connections: who gets in, what CONFIG SET changes, and what a bad configuration does.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { createServer } from "../../src/index.ts";
import { Authority, dhParameters } from "../support/certificates.ts";
import { Client } from "../support/client.ts";
import { reasonToSkip } from "../support/real-redis.ts";
import { ServerProcess } from "../support/server.ts";
import { TlsServer, makeCertificates } from "../support/tls.ts";

const limits = { timeout: 30_000 };
const program = join(import.meta.dirname, "../../src/main.ts");
const refused = /Unable to update TLS configuration\. Check server logs\./;

describe("an encrypted connection", limits, () => {
  it("is a client like any other", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    assert.equal(await client.run("SET", "k", "v"), "OK");
    assert.equal(await client.run("GET", "k"), "v");
    const { localPort } = client.socket;
    const info = await client.text("CLIENT", "INFO");
    assert.match(info, new RegExp(` addr=127.0.0.1:${localPort} laddr=127.0.0.1:${server.port} `));
    assert.match(info, / fd=\d+ .* flags=N /);
  });

  it("is opened by ioredis and node-redis", async () => {
    await using server = await TlsServer.start();
    const { url } = server.local.server;
    assert.equal(url, `rediss://127.0.0.1:${server.port}`);
    const redis = new Redis(url, { tls: server.clientOptions });
    await redis.set("k", "v");
    const other = createClient({ url, socket: { tls: true, ...server.clientOptions } });
    await other.connect();
    assert.equal(await other.get("k"), "v");
    await redis.quit();
    other.destroy();
  });

  it("stands beside a plain one, and INFO shows both listeners", async () => {
    await using server = await TlsServer.start({ port: 0 });
    const plain = await server.local.connect();
    const encrypted = await server.connect();
    await plain.run("SET", "k", "v");
    assert.equal(await encrypted.run("GET", "k"), "v");
    const info = await plain.text("INFO", "server");
    assert.ok(info.includes(`tcp_port:${server.local.port}\r\n`));
    assert.ok(
      info.includes(`listener0:name=tcp,bind=127.0.0.1,port=${server.local.port}\r\n`) &&
        info.includes(`listener1:name=tls,bind=127.0.0.1,port=${server.port}\r\n`),
      info,
    );
  });

  it("counts against maxclients from the handshake on", async () => {
    await using server = await TlsServer.start({ maxclients: 2 });
    const first = await server.connect();
    const waiting = connect({ port: server.port, host: "127.0.0.1" });
    await once(waiting, "connect");
    await server.refusal();
    waiting.destroy();
    await server.local.untilClients(first, 1);
    const info = await first.text("INFO", "stats");
    assert.match(info, /rejected_connections:1\r\n/);
  });

  it("does not come about in plain text, which the log tells", async () => {
    await using server = await TlsServer.start();
    const plain = await Client.connect({ port: server.port, host: "127.0.0.1" });
    plain.send("PING\r\n");
    await plain.closed;
    const client = await server.connect();
    assert.equal(await client.run("PING"), "PONG");
    const line = server.local.log.find((each) => each.includes("Error accepting a client"));
    assert.match(
      line ?? "",
      /# Error accepting a client connection: error:.*wrong version number \(addr=127\.0\.0\.1:/,
    );
  });
});

describe("tls-auth-clients", limits, () => {
  it("yes: only with a certificate of a trusted authority", async () => {
    await using server = await TlsServer.start();
    await server.refusal({ cert: "", key: "" });
    await server.refusal(new Authority("stranger").issue("client"));
    await server.connect();
    const lines = server.local.log.filter((each) => each.includes("Error accepting a client"));
    assert.equal(lines.length, 2);
    assert.match(lines[0], /peer did not return a certificate/);
    assert.match(lines[1], /certificate verify failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE \(addr=/);
  });

  it("no: nobody is asked", async () => {
    await using server = await TlsServer.start({ tlsAuthClients: "no", tlsCaCertFile: "" });
    await server.connect({ cert: "", key: "" });
    await server.connect(new Authority("stranger").issue("client"));
  });

  it("optional: without one, but not with a bad one", async () => {
    await using server = await TlsServer.start({ tlsAuthClients: "optional" });
    await server.connect({ cert: "", key: "" });
    await server.connect();
    await server.refusal(new Authority("stranger").issue("client"));
  });

  it("is changed by CONFIG SET for new connections", async () => {
    await using server = await TlsServer.start({ tlsAuthClients: "no" });
    const client = await server.connect({ cert: "", key: "" });
    await client.run("CONFIG", "SET", "tls-auth-clients", "yes");
    await server.refusal({ cert: "", key: "" });
    assert.equal(await client.run("PING"), "PONG");
  });

  it("yes is not got around with a session from before", async () => {
    await using server = await TlsServer.start({ tlsAuthClients: "no" });
    const client = await server.connect({ cert: "", key: "", maxVersion: "TLSv1.2" });
    const session = (client.socket as unknown as { getSession(): Buffer }).getSession();
    await client.run("CONFIG", "SET", "tls-auth-clients", "yes");
    await server.refusal({ cert: "", key: "", maxVersion: "TLSv1.2", session });
  });
});

describe("the versions and ciphers of TLS", limits, () => {
  it("are those that the configuration names", async () => {
    await using server = await TlsServer.start({ tlsProtocols: "TLSv1.2" });
    await server.refusal({ minVersion: "TLSv1.3" });
    const client = await server.connect();
    assert.equal(protocolOf(client), "TLSv1.2");
    await client.run("CONFIG", "SET", "tls-protocols", "TLSv1.3");
    await server.refusal({ maxVersion: "TLSv1.2" });
    assert.equal(protocolOf(await server.connect()), "TLSv1.3");
  });

  it("cannot be ones that do not exist", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    for (const [name, value] of [
      ["tls-protocols", "TLSv1.2  TLSv1.3"],
      ["tls-protocols", "SSLv3"],
      ["tls-ciphers", "none-of-this-name"],
      ["tls-ciphersuites", "AES128-SHA256"],
      ["tls-ciphersuites", "TLS_NONE"],
    ]) {
      assert.match(await failure(client, "CONFIG", "SET", name, value), refused);
      assert.deepEqual(await client.run("CONFIG", "GET", name), [name, ""]);
    }
    await server.connect();
  });

  it("follow the server's order when it is to be preferred", async () => {
    const names = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"];
    await using server = await TlsServer.start({
      tlsProtocols: "TLSv1.2",
      tlsCiphers: names.join(":"),
    });
    const ciphers = names.toReversed().join(":");
    const client = await server.connect({ ciphers });
    assert.equal(cipherOf(client), names[1]);
    await client.run("CONFIG", "SET", "tls-prefer-server-ciphers", "yes");
    assert.equal(cipherOf(await server.connect({ ciphers })), names[0]);
  });

  it("with ephemeral keys use the parameters of tls-dh-params-file", async () => {
    await using server = await TlsServer.start({ tlsProtocols: "TLSv1.2" });
    const client = await server.connect();
    const { cert, key } = server.authority.issue("rsa", { isRsa: true });
    const certFile = server.folder.write("rsa.crt", cert);
    const keyFile = server.folder.write("rsa.key", key);
    const identity = ["tls-cert-file", certFile, "tls-key-file", keyFile];
    assert.equal(await client.run("CONFIG", "SET", ...identity), "OK");
    const ciphers = "DHE-RSA-AES128-GCM-SHA256";
    assert.equal(ephemeralKey(await server.connect({ ciphers })), "DH 2048");
    const file = server.folder.write("dh.pem", dhParameters("modp15"));
    assert.equal(await client.run("CONFIG", "SET", "tls-dh-params-file", file), "OK");
    assert.equal(ephemeralKey(await server.connect({ ciphers })), "DH 3072");
  });

  it("include TLS 1.3's suites by tls-ciphersuites", async () => {
    await using server = await TlsServer.start({ tlsCiphersuites: "TLS_AES_128_GCM_SHA256" });
    assert.equal(cipherOf(await server.connect()), "TLS_AES_128_GCM_SHA256");
  });
});

describe("sessions", limits, () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`of ${maxVersion} are resumed unless caching is off`, async () => {
      await using server = await TlsServer.start();
      const session = await sessionOf(server, maxVersion);
      const again = await server.connect({ maxVersion, session });
      assert.equal(isResumed(again), true);
      await again.run("CONFIG", "SET", "tls-session-caching", "no");
      const afresh = await server.connect({ maxVersion, session });
      assert.equal(isResumed(afresh), false);
      const other = await sessionOf(server, maxVersion);
      assert.equal(isResumed(await server.connect({ maxVersion, session: other })), false);
    });
  }

  it("are remembered for clients without tickets, as many as may be", async () => {
    await using server = await TlsServer.start({ tlsSessionCacheSize: 1 });
    const withoutTickets = { maxVersion: "TLSv1.2", secureOptions: noTickets } as const;
    const first = await sessionOf(server, "TLSv1.2", noTickets);
    const resumed = await server.connect({ ...withoutTickets, session: first });
    assert.equal(isResumed(resumed), true);
    await sessionOf(server, "TLSv1.2", noTickets);
    const forgotten = await server.connect({ ...withoutTickets, session: first });
    assert.equal(isResumed(forgotten), false);
  });

  it("are not remembered for no time", async () => {
    await using server = await TlsServer.start({ tlsSessionCacheTimeout: 0 });
    const session = await sessionOf(server, "TLSv1.3");
    const client = await server.connect({ session });
    assert.equal(isResumed(client), false);
  });
});

describe("CONFIG SET of certificates", limits, () => {
  it("takes all files of one call or none", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const other = new Authority("other");
    const { cert, key } = other.issue("second");
    const certFile = server.folder.write("second.crt", cert);
    const keyFile = server.folder.write("second.key", key);
    const before = await client.run("CONFIG", "GET", "tls-*-file");
    // A certificate and the key of another one.
    const wrong = ["CONFIG", "SET", "tls-cert-file", certFile, "tls-session-cache-size", "7"];
    assert.match(await failure(client, ...wrong), refused);
    assert.deepEqual(await client.run("CONFIG", "GET", "tls-*-file"), before);
    assert.deepEqual(await client.run("CONFIG", "GET", "tls-session-cache-size"), [
      "tls-session-cache-size",
      "20480",
    ]);
    assert.equal(peerName(await server.connect()), "server");
    const right = ["CONFIG", "SET", "tls-cert-file", certFile, "tls-key-file", keyFile];
    assert.equal(await client.run(...right), "OK");
    const ca = [other.cert, server.authority.cert];
    assert.equal(peerName(await server.connect({ ca })), "second");
    assert.equal(peerName(client), "server");
  });

  it("reads the same files again", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const { cert, key } = server.authority.issue("renewed");
    const certFile = server.folder.write("server.crt", cert);
    server.folder.write("server.key", key);
    assert.equal(await client.run("CONFIG", "SET", "tls-cert-file", certFile), "OK");
    assert.equal(peerName(await server.connect()), "renewed");
  });

  it("refuses what is missing or broken, and says in the log what it is", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const broken = server.folder.write("broken", "nothing of use\n");
    const { key } = server.authority.issue("other");
    const otherKey = server.folder.write("other.key", key);
    for (const [name, value, expected] of [
      ["tls-cert-file", "/nowhere.crt", "Failed to load certificate: /nowhere.crt: no such file"],
      ["tls-cert-file", broken, `Failed to load certificate: ${broken}: `],
      ["tls-cert-file", "", "No tls-cert-file configured!"],
      ["tls-key-file", broken, `Failed to load private key: ${broken}: `],
      ["tls-key-file", otherKey, `Failed to load private key: ${otherKey}: `],
      ["tls-key-file", "", "No tls-key-file configured!"],
      ["tls-ca-cert-file", broken, "Failed to configure CA certificate(s) file/directory: "],
      ["tls-ca-cert-file", "", "Either tls-ca-cert-file or tls-ca-cert-dir must be specified"],
      ["tls-ca-cert-dir", "/nowhere", "Failed to configure CA certificate(s) file/directory: no s"],
      ["tls-dh-params-file", broken, `${broken}: failed to read DH params.`],
    ]) {
      server.local.log.length = 0;
      assert.match(await failure(client, "CONFIG", "SET", name, value), refused);
      assert.ok(
        server.local.log.some((line) => line.includes(` # ${expected}`)),
        `${expected} in ${server.local.log.join("\n")}`,
      );
    }
    await server.connect();
  });

  it("opens an encrypted key with its passphrase", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const { cert, key } = server.authority.issue("locked", { passphrase: "1234" });
    const certFile = server.folder.write("locked.crt", cert);
    const keyFile = server.folder.write("locked.key", key);
    const files = ["tls-cert-file", certFile, "tls-key-file", keyFile];
    assert.match(await failure(client, "CONFIG", "SET", ...files), refused);
    assert.match(
      await failure(client, "CONFIG", "SET", ...files, "tls-key-file-pass", "4321"),
      refused,
    );
    const reply = await client.run("CONFIG", "SET", ...files, "tls-key-file-pass", "1234");
    assert.equal(reply, "OK");
    assert.equal(peerName(await server.connect()), "locked");
  });

  it("trusts the authorities of a directory by their hashed names", async () => {
    await using server = await TlsServer.start();
    const client = await server.connect();
    const stranger = new Authority("stranger");
    server.folder.write("0123abcd.0", stranger.cert);
    const { path } = server.folder;
    await client.run("CONFIG", "SET", "tls-ca-cert-dir", path, "tls-ca-cert-file", "");
    await server.connect(stranger.issue("client"));
    await server.refusal();
  });
});

describe("CONFIG SET tls-port", limits, () => {
  it("opens and closes the listener, and changes places with port", async () => {
    await using server = await TlsServer.start();
    const { port } = server;
    const encrypted = await server.connect();
    assert.equal(await encrypted.run("CONFIG", "SET", "tls-port", String(port)), "OK");
    assert.equal(await encrypted.run("CONFIG", "SET", "tls-port", "0", "port", String(port)), "OK");
    const plain = await Client.connect({ port, host: "127.0.0.1" });
    assert.equal(await plain.run("PING"), "PONG");
    assert.equal(await encrypted.run("PING"), "PONG");
    const replies = await plain.pipeline("CONFIG SET port 0", `CONFIG SET tls-port ${port}`);
    assert.deepEqual(replies, ["OK", "OK"]);
    const tls = server.clientOptions;
    const again = await Client.connect({ port, host: "127.0.0.1", tls });
    assert.equal(await again.run("PING"), "PONG");
    for (const each of [plain, again]) each.destroy();
  });

  it("needs a certificate", async () => {
    await using server = await createServer();
    const client = await Client.connect({ port: server.port, host: "127.0.0.1" });
    assert.match(await failure(client, "CONFIG", "SET", "tls-port", "7199"), refused);
    assert.deepEqual(await client.run("CONFIG", "GET", "tls-port"), ["tls-port", "0"]);
    // Without a port nobody needs the file, as in Redis.
    assert.equal(await client.run("CONFIG", "SET", "tls-cert-file", "/nowhere"), "OK");
    client.destroy();
  });
});

describe("a server that cannot have TLS", limits, () => {
  it("is not made by a library", async () => {
    using folder = makeCertificates().folder;
    const tlsKeyFile = folder.write("broken.key", "");
    await assert.rejects(createServer({ tlsPort: 0 }), {
      name: "TlsError",
      message: "No tls-cert-file configured!",
    });
    await assert.rejects(
      createServer({ tlsPort: 0, tlsAuthClients: "no", tlsCertFile: tlsKeyFile, tlsKeyFile }),
      { name: "TlsError", message: /^Failed to load certificate: / },
    );
  });

  it("ends with the reason in the log", async () => {
    const child = spawn(process.execPath, [program, "--port", "0", "--tls-port", "7199"]);
    const output = await text(child.stdout);
    if (child.exitCode === null) await once(child, "exit");
    assert.equal(child.exitCode, 1);
    assert.match(output, / # No tls-cert-file configured!\n/);
    assert.match(output, / # Failed to configure TLS\. Check logs for more info\.\n$/);
  });
});

describe("the program", limits, () => {
  it("takes the parameters as arguments, and redis-cli connects", async () => {
    const made = makeCertificates();
    using folder = made.folder;
    const { tlsCertFile, tlsKeyFile, tlsCaCertFile } = made.options;
    const port = await freePort();
    const ports = ["--port", "0", "--tls-port", String(port), "--tls-auth-clients", "no"];
    const files = ["--tls-cert-file", tlsCertFile, "--tls-key-file", tlsKeyFile];
    const given = ports.concat(files, "--tls-ca-cert-file", tlsCaCertFile);
    await using server = await ServerProcess.start(given);
    assert.equal(server.port, port);
    assert.match(server.log.at(-1) ?? "", / \* Ready to accept connections tls$/);
    const tls = { ca: made.authority.cert };
    const client = await Client.connect({ port, tls });
    await client.run("SET", "k", "v");
    const info = await client.text("INFO", "server");
    assert.ok(info.includes(`tcp_port:${port}\r\n`) && info.includes("listener0:name=tls,"), info);
    if (reasonToSkip() === false) {
      const args = ["-p", String(port), "--tls", "--cacert", folder.path + "/ca.crt", "GET", "k"];
      assert.equal(await text(spawn("redis-cli", args).stdout), "v\n");
    }
    client.destroy();
  });
});

async function freePort(): Promise<number> {
  const probe = createNetServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

/** SSL_OP_NO_TICKET. */
const noTickets = 0x4000;

async function sessionOf(
  server: TlsServer,
  maxVersion: "TLSv1.2" | "TLSv1.3",
  secureOptions = 0,
): Promise<Buffer> {
  const client = await server.connect({ maxVersion, secureOptions });
  const socket = client.socket as unknown as { getSession(): Buffer };
  // TLS 1.3 gives its tickets after the handshake, before the reply to the first request.
  const session = socket.getSession();
  client.destroy();
  return session;
}

async function failure(client: Client, ...request: string[]): Promise<string> {
  const reply = await client.run(...request);
  return (reply as { error?: string }).error ?? JSON.stringify(reply);
}

function protocolOf(client: Client): string {
  return (client.socket as unknown as { getProtocol(): string }).getProtocol();
}

function cipherOf(client: Client): string {
  return (client.socket as unknown as { getCipher(): { name: string } }).getCipher().name;
}

function ephemeralKey(client: Client): string {
  const socket = client.socket as unknown as {
    getEphemeralKeyInfo(): { type: string; size: number };
  };
  const { type, size } = socket.getEphemeralKeyInfo();
  return `${type} ${size}`;
}

function isResumed(client: Client): boolean {
  return (client.socket as unknown as { isSessionReused(): boolean }).isSessionReused();
}

function peerName(client: Client): string {
  const socket = client.socket as unknown as {
    getPeerCertificate(): { subject: { CN: string } };
  };
  return socket.getPeerCertificate().subject.CN;
}
