// Users over the wire: what they are refused, and in what words; what becomes of those who are
// connected when rights change; the log and the counters; where users are kept.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import type { Client } from "../support/client.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";
import { LocalServer, ServerProcess } from "../support/server.ts";

const limits = { timeout: 30_000 };
const directory = mkdtempSync(join(tmpdir(), "respite-acl-"));
after(() => rmSync(directory, { recursive: true }));

const noKey = "NOPERM No permissions to access a key";
const noChannel = "NOPERM No permissions to access a channel";
const wrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";

function noCommand(name: string, command: string): string {
  return `NOPERM User ${name} has no permissions to run the '${command}' command`;
}

/** An error as its text. */
function shown(reply: Reply): unknown {
  return reply instanceof ReplyError ? reply.text : reply;
}

async function ask(client: Client, request: string): Promise<unknown> {
  return shown(await client.run(...request.split(" ")));
}

/** A client that is logged in as a user with these rules, whose password is anything. */
async function user(server: LocalServer, rules: string, name = "u"): Promise<Client> {
  const admin = await server.connect();
  const made = await ask(admin, `ACL SETUSER ${name} on nopass ${rules}`);
  assert.equal(made, "OK");
  const client = await server.connect();
  assert.equal(await ask(client, `AUTH ${name} x`), "OK");
  return client;
}

async function isGone(client: Client): Promise<boolean> {
  await client.rest();
  return true;
}

describe("a user", limits, () => {
  it("is refused what it may not do", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "~k* %R~r &c +get +set +mget +publish +config|get");
    assert.equal(await ask(client, "SET k1 v"), "OK");
    assert.equal(await ask(client, "get r"), null);
    assert.equal(await ask(client, "SET r v"), noKey);
    assert.equal(await ask(client, "MGET k1 x"), noKey);
    assert.equal(await ask(client, "SET k1 v GET"), "v");
    assert.equal(await ask(client, "DEL k1"), noCommand("u", "del"));
    assert.equal(await ask(client, "CONFIG SET hz 10"), noCommand("u", "config|set"));
    assert.deepEqual(await ask(client, "CONFIG GET hz"), ["hz", "10"]);
    assert.equal(await ask(client, "PUBLISH c m"), 0);
    assert.equal(await ask(client, "PUBLISH d m"), noChannel);
    // Who and what is not there is said before what is not allowed.
    assert.match(String(await ask(client, "NOSUCH")), /^ERR unknown command/);
    assert.match(String(await ask(client, "DEL")), /^ERR wrong number of arguments/);
    assert.equal(await ask(client, "AUTH default x"), "OK");
    assert.equal(await ask(client, "DEL k1"), 1);
  });

  it("feels a change at once, and so does one that may do everything", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+@all ~* &*");
    const admin = await server.connect();
    assert.equal(await ask(client, "GET k"), null);
    await ask(admin, "ACL SETUSER u -get");
    assert.equal(await ask(client, "GET k"), noCommand("u", "get"));
    await ask(admin, "ACL SETUSER u +get resetkeys ~a");
    assert.deepEqual([await ask(client, "GET a"), await ask(client, "GET k")], [null, noKey]);
    await ask(admin, "ACL SETUSER u allkeys");
    assert.equal(await ask(client, "GET k"), null);
  });

  it("may use one selector or another, but not half of each", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+get ~a (+set ~b)");
    const requests = ["GET a", "SET b 1", "GET b", "SET a 1", "DEL a"];
    const replies: unknown[] = [];
    for (const request of requests) replies.push(await ask(client, request));
    assert.deepEqual(replies, [null, "OK", noKey, noKey, noCommand("u", "del")]);
  });

  it("that may not read every key cannot let SORT look for some", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+sort +sort_ro +rpush ~k ~w_*");
    await ask(client, "RPUSH k 2 1");
    assert.equal(
      await ask(client, "SORT k BY w_*"),
      "ERR BY option of SORT denied due to insufficient ACL permissions.",
    );
    assert.equal(
      await ask(client, "SORT_RO k GET #"),
      "ERR GET option of SORT denied due to insufficient ACL permissions.",
    );
    assert.deepEqual(await ask(client, "SORT k BY nosort"), ["2", "1"]);
    assert.equal(await ask(client, "SORT k STORE x"), noKey);
    const admin = await server.connect();
    await ask(admin, "ACL SETUSER u %R~*");
    assert.deepEqual(await ask(client, "SORT k BY w_*"), ["1", "2"]);
  });

  it("is asked again when its transaction runs", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+multi +exec +set +get ~*");
    const admin = await server.connect();
    for (const each of ["MULTI", "SET a 1", "GET a", "SET b 2"]) await ask(client, each);
    await ask(admin, "ACL SETUSER u -get");
    const replies = (await client.run("EXEC")) as Reply[];
    assert.deepEqual(replies.map(shown), [
      "OK",
      "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC " +
        "call. This command is no longer allowed for the following reason: no permission to " +
        "execute the command or subcommand",
      "OK",
    ]);
    await ask(client, "MULTI");
    assert.equal(await ask(client, "DEL a"), noCommand("u", "del"));
    assert.match(String(await ask(client, "EXEC")), /^EXECABORT/);
  });

  it("that waits is asked again when it is its turn", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+@all ~*");
    const admin = await server.connect();
    await ask(admin, "CONFIG RESETSTAT");
    client.send("BLPOP l 0\r\n");
    while (!String(await ask(admin, "INFO clients")).includes("blocked_clients:1")) continue;
    await ask(admin, "ACL SETUSER u resetkeys");
    await ask(admin, "RPUSH l a");
    assert.equal(shown(await client.next()), noKey);
    assert.equal(await ask(admin, "LLEN l"), 1);
    assert.match(
      String(await ask(admin, "INFO commandstats")),
      /cmdstat_blpop:calls=0,.*,rejected_calls=1,failed_calls=0/,
    );
    assert.equal(await ask(client, "PING"), "PONG");
  });
});

describe("who is connected", limits, () => {
  it("is disconnected when its user is deleted, the one that asks after the reply", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+@all ~* &*");
    const other = await server.connect();
    await ask(other, "AUTH u x");
    assert.equal(await ask(client, "ACL DELUSER u nobody"), 1);
    assert.ok((await isGone(client)) && (await isGone(other)));
    const admin = await server.connect();
    await server.untilClients(admin, 2);
    assert.equal(await ask(admin, "ACL USERS").then(String), "default");
  });

  it("is disconnected when it listens to what it may not hear any more", async () => {
    await using server = await LocalServer.start();
    const admin = await server.connect();
    const listeners: Client[] = [];
    for (const request of ["SUBSCRIBE a1", "PSUBSCRIBE a*", "SSUBSCRIBE a2", "SUBSCRIBE b"]) {
      const client = await user(server, "+@all &a* &b");
      await ask(client, request);
      listeners.push(client);
    }
    // More, or the same in other words, takes nothing away.
    await ask(admin, "ACL SETUSER u &c");
    await ask(admin, "ACL SETUSER u resetchannels &b &a*");
    assert.equal(await ask(admin, "PUBLISH a1 m"), 2);
    await ask(admin, "ACL SETUSER u resetchannels &b &a1");
    await isGone(listeners[1]);
    await isGone(listeners[2]);
    assert.equal(await ask(admin, "PUBLISH a1 m"), 1);
    await ask(admin, "ACL SETUSER u resetchannels");
    await isGone(listeners[0]);
    await isGone(listeners[3]);
  });

  it("is found and killed by its user", async () => {
    await using server = await LocalServer.start();
    const client = await user(server, "+@all");
    const admin = await server.connect();
    assert.match(String(await ask(admin, "CLIENT LIST")), / user=u /);
    assert.equal(await ask(admin, "CLIENT KILL USER u"), 1);
    assert.equal(await ask(admin, "CLIENT KILL USER v"), "ERR No such user 'v'");
    await isGone(client);
  });
});

describe("the default user", limits, () => {
  it("has the password of the configuration", async () => {
    await using server = await LocalServer.start({ requirepass: "one" });
    const client = await server.connectUnseen();
    assert.equal(await ask(client, "AUTH default one"), "OK");
    await ask(client, "CONFIG SET requirepass two");
    const late = await server.connectUnseen();
    assert.equal(await ask(late, "AUTH one"), wrongPassword);
    assert.equal(await ask(late, "AUTH two"), "OK");
    await ask(client, "ACL SETUSER default >three");
    assert.equal(await ask(late, "AUTH three"), "OK");
    await client.run("CONFIG", "SET", "requirepass", "");
    assert.match(String(await ask(client, "ACL LIST")), /^user default on nopass /);
    assert.match(String(await ask(late, "AUTH x")), /^ERR AUTH <password> called without any/);
    assert.equal(await ask(late, "AUTH default x"), "OK");
  });

  it("lets nobody in while it is off, but by another name", async () => {
    await using server = await LocalServer.start();
    const admin = await server.connect();
    await ask(admin, "ACL SETUSER u on >p +@all ~* &*");
    await ask(admin, "ACL SETUSER default off");
    const client = await server.connectUnseen();
    assert.equal(await ask(client, "PING"), "NOAUTH Authentication required.");
    assert.match(String(await ask(client, "HELLO 3")), /^NOAUTH HELLO must be called with/);
    assert.equal(await ask(client, "AUTH default x"), wrongPassword);
    assert.equal(await ask(client, "HELLO 2 AUTH u q"), wrongPassword);
    assert.ok(Array.isArray(await ask(client, "HELLO 2 AUTH u p")));
    assert.equal(await ask(client, "ACL WHOAMI"), "u");
    assert.equal(await ask(client, "RESET"), "RESET");
    assert.equal(await ask(client, "PING"), "NOAUTH Authentication required.");
    // Who came before is in.
    assert.equal(await ask(admin, "PING"), "PONG");
    await ask(admin, "ACL SETUSER default on");
    assert.equal(await ask(client, "PING"), "PONG");
  });

  it("is restricted like any other", async () => {
    await using server = await LocalServer.start();
    const admin = await user(server, "+@all ~* &*", "admin");
    const client = await server.connect();
    await ask(admin, "ACL SETUSER default resetkeys ~a");
    assert.equal(await ask(client, "GET b"), noKey);
    const late = await server.connect();
    assert.equal(await ask(late, "GET b"), noKey);
    assert.equal(await ask(late, "RESET"), "RESET");
    assert.equal(await ask(late, "GET b"), noKey);
  });
});

describe("refusals", limits, () => {
  it("are logged with who, what, where and how often, and counted", async () => {
    await using server = await LocalServer.start({ clock: "virtual" });
    const client = await user(server, "+multi +discard +publish +get ~k");
    const admin = await server.connect();
    for (const each of ["GET x", "GET x", "MULTI", "SET k v", "DISCARD", "PUBLISH c m"]) {
      await ask(client, each);
    }
    await ask(client, "auth u2 p");
    server.advance(1500);
    const entries = ((await admin.run("ACL", "LOG")) as Reply[][]).map(fieldsOf);
    assert.deepEqual(
      entries.map((each) =>
        ["reason", "context", "object", "username", "count", "entry-id"].map((name) => each[name]),
      ),
      [
        ["auth", "toplevel", "auth", "u2", 1, 3],
        ["channel", "toplevel", "c", "u", 1, 2],
        ["command", "multi", "set", "u", 1, 1],
        ["key", "toplevel", "x", "u", 2, 0],
      ],
    );
    assert.match(String(entries[3]["client-info"]), /^id=\d+ .* cmd=get user=u /);
    assert.equal(entries[0]["age-seconds"], "1.5");
    assert.equal(((await admin.run("ACL", "LOG", "2")) as Reply[]).length, 2);
    const counts = String(await ask(admin, "INFO stats")).match(/acl_access_denied_.*(?=\r)/g);
    assert.deepEqual(counts, [
      "acl_access_denied_auth:1",
      "acl_access_denied_cmd:1",
      "acl_access_denied_key:2",
      "acl_access_denied_channel:1",
    ]);
    assert.match(String(await ask(admin, "INFO errorstats")), /errorstat_NOPERM:count=4/);
    await ask(admin, "CONFIG RESETSTAT");
    assert.match(String(await ask(admin, "INFO stats")), /acl_access_denied_key:0/);
    assert.equal(await ask(admin, "ACL LOG RESET"), "OK");
    assert.deepEqual(await ask(admin, "ACL LOG"), []);
  });

  it("and passwords are not shown to who watches", async () => {
    await using server = await LocalServer.start({ slowlogLogSlowerThan: 0 });
    const client = await server.connect();
    const watcher = await server.connect();
    await ask(watcher, "MONITOR");
    await ask(client, "ACL SETUSER u on >secret");
    await ask(client, "AUTH u secret");
    await ask(client, "AUTH default secret");
    await ask(client, "HELLO 3 AUTH u secret");
    await ask(client, "AUTH default secret");
    await ask(client, "CONFIG SET requirepass secret");
    const log = JSON.stringify(await client.run("SLOWLOG", "GET", "20"));
    assert.match(log, /"ACL","SETUSER","\(redacted\)","\(redacted\)","\(redacted\)"/);
    await ask(client, "ECHO last");
    let seen = "";
    while (!seen.includes("last")) seen += String(await watcher.next());
    assert.match(seen, /"HELLO" "3" "AUTH" "\(redacted\)" "\(redacted\)"/);
    assert.doesNotMatch(log + seen, /secret/);
  });
});

function fieldsOf(reply: Reply[]): Record<string, Reply> {
  const fields: Record<string, Reply> = {};
  for (let index = 0; index < reply.length; index += 2)
    fields[String(reply[index])] = reply[index + 1];
  return fields;
}

describe("users in a file of their own", limits, () => {
  const file = join(directory, "users.acl");
  const lines = "user a on nopass ~* resetchannels +@all\nuser default on nopass ~* &* +@all\n";

  it("are there from the start, and are read again and written when asked", async () => {
    writeFileSync(file, lines);
    await using server = await LocalServer.start({ dir: directory, aclfile: "users.acl" });
    const client = await server.connect();
    const other = await server.connect();
    assert.equal(await ask(other, "AUTH a x"), "OK");
    await ask(client, "ACL SETUSER b on >p (~k +get)");
    assert.equal(await ask(client, "ACL SAVE"), "OK");
    const saved = readFileSync(file, "latin1");
    assert.match(saved, /^user a on nopass sanitize-payload ~\* resetchannels \+@all\nuser b on /);
    await ask(client, "ACL DELUSER b");
    assert.equal(await ask(client, "ACL LOAD"), "OK");
    assert.equal(String(await ask(client, "ACL USERS")), "a,b,default");
    assert.equal(await ask(client, "ACL SAVE"), "OK");
    assert.equal(readFileSync(file, "latin1"), saved);
    assert.equal(await ask(other, "ACL WHOAMI"), "a");
  });

  it("are taken all or not at all", async () => {
    writeFileSync(file, lines);
    await using server = await LocalServer.start({ dir: directory, aclfile: "users.acl" });
    const client = await server.connect();
    const before = await ask(client, "ACL LIST");
    writeFileSync(file, "user a off\nuser b +nosuch\n");
    assert.equal(
      await ask(client, "ACL LOAD"),
      "ERR users.acl:2: Error in applying operation '+nosuch': Unknown command or category name " +
        "in ACL. WARNING: ACL errors detected, no change to the previously active ACL rules was " +
        "performed",
    );
    rmSync(file);
    assert.equal(
      await ask(client, "ACL LOAD"),
      "ERR Error loading ACLs, opening file 'users.acl': No such file or directory",
    );
    assert.deepEqual(await ask(client, "ACL LIST"), before);
  });

  it("that go when it is read again take their clients with them", async () => {
    writeFileSync(file, lines);
    await using server = await LocalServer.start({ dir: directory, aclfile: "users.acl" });
    const kept = await server.connect();
    await ask(kept, "AUTH a x");
    const deleted = await user(server, "+@all");
    const deaf = await user(server, "+@all &c", "a");
    await ask(deaf, "SUBSCRIBE c");
    assert.equal(await ask(kept, "ACL LOAD"), "OK");
    assert.ok((await isGone(deleted)) && (await isGone(deaf)));
    assert.equal(await ask(kept, "ACL WHOAMI"), "a");
  });

  it("stop a server that could not have them", async () => {
    writeFileSync(file, "nonsense\n");
    await assert.rejects(
      LocalServer.start({ dir: directory, aclfile: "users.acl" }),
      /Aborting Redis startup because of ACL errors: users\.acl:1 should start with user keyword/,
    );
  });

  it("that cannot be written are said not to be, and the log says why", async () => {
    const folder = join(directory, "folder");
    mkdirSync(folder);
    writeFileSync(join(folder, "users.acl"), lines);
    await using server = await LocalServer.start({ dir: directory, aclfile: "folder/users.acl" });
    const client = await server.connect();
    rmSync(folder, { recursive: true });
    assert.match(String(await ask(client, "ACL SAVE")), /^ERR There was an error trying to save/);
    const reason = "Writing ACL file for ACL SAVE: No such file or directory";
    assert.ok(server.log.some((line) => line.includes(reason)));
  });
});

describe("users in the configuration file", limits, () => {
  it("are there from the start, and CONFIG REWRITE writes them", async () => {
    const file = join(directory, "respite.conf");
    writeFileSync(file, "user a on nopass (~k +get)\nrequirepass p\n");
    const start = (): Promise<ServerProcess> => ServerProcess.start([file, "--dir", directory]);
    let listed = "";
    {
      await using server = await start();
      const client = await server.connect();
      assert.equal(await ask(client, "AUTH p"), "OK");
      await ask(client, "ACL SETUSER b on >q ~x +set");
      await ask(client, "ACL DELUSER a");
      await client.run("ACL", "SETUSER", "", "on");
      await ask(client, `ACL SETUSER it's ~"\xc3\xa4\xff (~'x +get)`);
      listed = String(await ask(client, "ACL LIST"));
      assert.equal(await ask(client, "CONFIG REWRITE"), "OK");
      client.destroy();
    }
    assert.match(readFileSync(file, "latin1"), /^user b on sanitize-payload #[0-9a-f]{64} ~x /m);
    assert.doesNotMatch(readFileSync(file, "latin1"), /user a/);
    await using server = await start();
    const client = await server.connect();
    assert.equal(await ask(client, "AUTH b q"), "OK");
    assert.equal(await ask(client, "SET x 1"), "OK");
    assert.equal(await ask(client, "AUTH p"), "OK");
    assert.equal(String(await ask(client, "ACL LIST")), listed);
    client.destroy();
  });

  it("may be options of the library", async () => {
    const users = ["app on >secret ~app:* +@all", "default off"];
    await using server = await LocalServer.start({ users });
    const client = await server.connectUnseen();
    assert.equal(await ask(client, "GET app:1"), "NOAUTH Authentication required.");
    assert.equal(await ask(client, "AUTH app secret"), "OK");
    assert.deepEqual([await ask(client, "GET app:1"), await ask(client, "GET x")], [null, noKey]);
    await assert.rejects(LocalServer.start({ users: ["a onn"] }), /'onn': Syntax error/);
    await assert.rejects(LocalServer.start({ users: ["a +nosuch"] }), /Unknown command/);
  });

  const program = join(import.meta.dirname, "..", "..", "src", "main.ts");
  const wrongStarts: readonly (readonly [string, RegExp])[] = [
    ["user a on\nuser a off\n", /Error in user declaration 'a': Duplicate user found/],
    ["user a onn\n", /line 1\n>>> 'user a onn'\nError in user declaration 'onn': Syntax error/],
    ["user a +nosuch\n", /Error loading ACL rule '\+nosuch' for the user named 'a': Unknown/],
    ["user a on\naclfile f\n", /please define either an ACL file or declare users directly/],
    ["aclfile nosuch.acl\n", /Error loading ACLs, opening file 'nosuch\.acl': No such file/],
  ];

  for (const [text, expected] of wrongStarts) {
    it(`stop a server: ${text.replaceAll("\n", "; ")}`, () => {
      const file = join(directory, "wrong.conf");
      writeFileSync(file, text);
      const args = [program, file, "--port", "0", "--dir", directory];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
      assert.equal(status, 1);
      assert.match(stdout + stderr, expected);
    });
  }
});
