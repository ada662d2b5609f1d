// COMMAND, DEBUG, MEMORY and LOLWUT, beyond what test/compat compares with real Redis.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import type { Argument, HarnessOptions } from "../support/engine-harness.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError } from "../support/reply.ts";

function harness(settings: HarnessOptions["settings"] = {}): EngineHarness {
  return new EngineHarness(commands, { settings: { enableDebugCommand: "yes", ...settings } });
}

function textOf(reply: Reply): string {
  assert.ok(typeof reply === "string");
  return reply;
}

function errorOf(reply: Reply): string {
  assert.ok(reply instanceof ReplyError, "no error");
  return reply.text;
}

function asMap(reply: Reply): Map<Reply, Reply> {
  const list = reply as Reply[];
  return new Map(list.flatMap((each, at) => (at % 2 === 0 ? [[each, list[at + 1]] as const] : [])));
}

describe("COMMAND", () => {
  it("describes every command, with or without INFO, and counts them", () => {
    const server = harness();
    const all = server.run("COMMAND") as Reply[][];
    assert.deepEqual(server.run("COMMAND", "INFO"), all);
    assert.equal(server.run("COMMAND", "COUNT"), all.length);
    assert.equal(all.length, commands.length);
    assert.deepEqual(
      all.map(([name]) => name),
      commands.map(({ name }) => name.toLowerCase()),
    );
  });

  it("documents every command, subcommands inside", () => {
    const docs = asMap(harness().run("COMMAND", "DOCS"));
    assert.equal(docs.size, commands.length);
    const config = asMap(docs.get("config") ?? []);
    const subcommands = asMap(config.get("subcommands") ?? []);
    assert.equal(asMap(subcommands.get("config|get") ?? []).get("since"), "2.0.0");
  });

  it("marks a deprecated command, and one for the server's own use", () => {
    const docs = asMap(harness().run("COMMAND", "DOCS", "getset", "debug"));
    const [getset, debug] = [...docs.values()].map((each) => asMap(each));
    assert.deepEqual(getset.get("doc_flags"), ["deprecated"]);
    assert.equal(getset.get("deprecated_since"), "6.2.0");
    assert.deepEqual(debug.get("doc_flags"), ["syscmd"]);
    assert.equal(debug.has("deprecated_since"), false);
  });

  it("lists commands and subcommands, or those of a category", () => {
    const server = harness();
    const all = server.run("COMMAND", "LIST") as string[];
    assert.equal(all.length, server.engine.registered.length);
    assert.ok(all.includes("config|get") && all.includes("config"));
    const admins = server.run("COMMAND", "LIST", "FILTERBY", "ACLCAT", "ADMIN") as string[];
    assert.ok(admins.includes("config|set") && !admins.includes("get"));
  });
});

describe("DEBUG", () => {
  it("is allowed by the configuration only, for local clients or for all", () => {
    const refused = /^ERR DEBUG command not allowed\. If the enable-debug-command option/;
    assert.match(errorOf(harness({ enableDebugCommand: "no" }).run("DEBUG", "HELP")), refused);
    assert.ok(Array.isArray(harness({ enableDebugCommand: "local" }).run("DEBUG", "HELP")));
    const remote = harness({ enableDebugCommand: "local" });
    remote.session = remote.engine.createSession({ ...remote.session.link, isLocal: false });
    assert.match(errorOf(remote.run("DEBUG", "HELP")), refused);
  });

  it("answers unknown subcommands and wrong counts of arguments alike", () => {
    const server = harness();
    for (const request of [["nosuch"], ["SLEEP"], ["POPULATE", "1", "a", "2", "b"], ["LOG"]]) {
      assert.equal(
        errorOf(server.run("DEBUG", ...request)),
        "ERR unknown subcommand or wrong number of arguments for " +
          `'${request[0]}'. Try DEBUG HELP.`,
      );
    }
  });

  it("says what it does not do, instead of taking the process down", () => {
    const server = harness();
    for (const name of ["SEGFAULT", "PANIC", "OOM", "ASSERT"]) {
      assert.match(errorOf(server.run("DEBUG", name)), /^ERR DEBUG [A-Z]+ is not supported: /);
    }
  });

  it("describes a value in the line that Redis's tests take apart", () => {
    const server = harness();
    const sizes: readonly [string, string, number][] = [
      ["bar", "embstr", 4],
      ["12345", "int", 3],
      ["-129", "int", 3],
      ["70000", "int", 5],
      ["12345678901", "int", 12],
      ["abc".repeat(10), "embstr", 1 + 1 + 1 + 7],
      ["a".repeat(1000), "raw", 1 + 1 + 2 + 14],
      ["abcdefghijklmnopqrstuvwxyz", "embstr", 27],
    ];
    for (const [value, encoding, size] of sizes) {
      server.run("SET", "key", value);
      server.advance(3000);
      assert.match(
        textOf(server.run("DEBUG", "OBJECT", "key")),
        new RegExp(
          String.raw`^Value at:0x[0-9a-f]+ refcount:1 encoding:${encoding} ` +
            String.raw`serializedlength:${size} lru:\d+ lru_seconds_idle:3$`,
        ),
        value,
      );
    }
    assert.equal(errorOf(server.run("DEBUG", "OBJECT", "nosuch")), "ERR no such key");
  });

  it("describes a listpack and its elements", () => {
    const server = harness();
    server.run("HSET", "h", "name", "value", "n", "12");
    const lines = (): string[] => textOf(server.run("DEBUG", "LISTPACK", "h")).split("\n");
    assert.deepEqual(lines(), [
      "{total bytes 25} {num entries 4}",
      "{position 6} text name",
      "{position 12} text value",
      "{position 19} text n",
      "{position 22} integer 12",
      "",
    ]);
    server.run("HEXPIRE", "h", "100", "FIELDS", "1", "n");
    assert.match(lines()[0], /num entries 6}$/);
    server.run("SET", "s", "text");
    const refused = errorOf(server.run("DEBUG", "LISTPACK", "s"));
    assert.equal(refused, "ERR Not a listpack encoded object.");
    assert.equal(errorOf(server.run("DEBUG", "LISTPACK", "none")), "ERR no such key");
  });

  it("sums up data as Redis does, whose sums these are", () => {
    const server = harness();
    const digest = (): Reply => server.run("DEBUG", "DIGEST");
    assert.equal(digest(), "0".repeat(40));
    server.run("SET", "foo", "bar");
    assert.equal(digest(), "d2ab4820c1be0580ea28efbfe8bfa1dc05bb802a");
    server.run("SET", "n", "12345");
    server.run("SET", "t", "hello", "EXAT", "9999999999");
    assert.deepEqual(server.run("DEBUG", "DIGEST-VALUE", "foo", "n", "t", "nosuch"), [
      "68467c70ae30376e7ce005bcc8827f5ba7fd67dc",
      "e1cf90774e995ae03de66e8109dc5cb9d9c2dc83",
      "d037c4eb8a8b36b602fbced4000daeab0714c1e3",
      "0".repeat(40),
    ]);
    server.session.db = server.keyspace.databases[3];
    server.run("SET", "x", "y");
    assert.equal(digest(), "dd33aa49269fdba534718198d2d4ec78c4da5463");
    server.run("SET", "empty", "");
    assert.equal(digest(), "1a93687ac25a7bc5db878de5331f620b87a8daaa");
  });

  it("makes keys without counting them as changes, and leaves those that are there", () => {
    const server = harness();
    server.run("SET", "key:1", "mine");
    const { dirty } = server.keyspace;
    assert.equal(server.run("DEBUG", "POPULATE", "3"), "OK");
    assert.equal(server.keyspace.dirty, dirty);
    assert.deepEqual(server.run("MGET", "key:0", "key:1", "key:2", "key:3"), [
      "value:0",
      "mine",
      "value:2",
      null,
    ]);
    server.run("DEBUG", "POPULATE", "1", "short", "4");
    server.run("DEBUG", "POPULATE", "1", "long", "10");
    assert.equal(server.run("GET", "short:0"), "valu");
    assert.equal(server.run("GET", "long:0"), "value:0\0\0\0");
    assert.match(errorOf(server.run("DEBUG", "POPULATE", "-1")), /must be positive/);
    assert.match(errorOf(server.run("DEBUG", "POPULATE", "1e9")), /must be positive/);
    assert.match(errorOf(server.run("DEBUG", "POPULATE", "9000000000000")), /^ERR OOM/);
  });

  it("describes the tables of a database, chains only when asked", () => {
    const server = harness();
    const lines = (...request: Argument[]): string[] =>
      textOf(server.run("DEBUG", "HTSTATS", ...request)).split("\n");
    assert.equal(lines(0)[2], "No stats available for empty dictionaries");
    server.run("DEBUG", "POPULATE", "4");
    server.run("EXPIRE", "key:0", "10");
    assert.deepEqual(lines(0), [
      "[Dictionary HT]",
      "Hash table 0 stats (main hash table):",
      " table size: 4",
      " number of elements: 4",
      "[Expires HT]",
      "Hash table 0 stats (main hash table):",
      " table size: 16",
      " number of elements: 1",
      "",
    ]);
    const full = lines(0, "FULL");
    const counted = full
      .map((line) => /^ {3}(\d+): (\d+) \(/.exec(line))
      .reduce((sum, match) => sum + (match === null ? 0 : Number(match[1]) * Number(match[2])), 0);
    assert.equal(counted, 4);
    assert.equal(errorOf(server.run("DEBUG", "HTSTATS", "16")), "ERR Out of range database");
    assert.match(errorOf(server.run("DEBUG", "HTSTATS-KEY", "key:0")), /not represented using/);
  });

  it("replies with any error, and with examples of every type", () => {
    const server = harness();
    assert.equal(errorOf(server.run("DEBUG", "ERROR", "OOPS a\r\nb")), "OOPS a  b");
    const example = (type: string): string =>
      Buffer.from(server.runBytes("DEBUG", "PROTOCOL", type)).toString();
    assert.equal(example("double"), "$5\r\n3.141\r\n");
    assert.equal(example("map"), "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n");
    assert.equal(example("push"), "-ERR RESP2 is not supported by this command\r\n");
    server.session.protocol = 3;
    assert.equal(example("DOUBLE"), ",3.141\r\n");
    assert.equal(example("set"), "~3\r\n:0\r\n:1\r\n:2\r\n");
    assert.equal(example("map"), "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n");
    assert.equal(example("bignum"), "(1234567999999999999999999999999999999\r\n");
    assert.equal(example("verbatim"), "=29\r\ntxt:This is a verbatim\nstring\r\n");
    assert.match(example("push"), /^>2\r\n\$16\r\nserver-cpu-usage\r\n:42\r\n\$40\r\n/);
    assert.match(example("attrib"), /^\|1\r\n\$14\r\nkey-popularity\r\n\*2\r\n/);
    assert.match(example("nosuch"), /^-ERR Wrong protocol type name/);
  });

  it("stops everything for the time it is told, and then knows what time it is", () => {
    const server = harness();
    server.nowMs += 5;
    const start = performance.now();
    assert.equal(server.run("DEBUG", "SLEEP", "0.02"), "OK");
    assert.ok(performance.now() - start >= 19);
    assert.equal(server.keyspace.nowMs, server.nowMs);
    assert.equal(server.run("DEBUG", "SLEEP", "abc"), "OK");
  });

  it("hands switches of the server to the server", () => {
    const server = harness();
    const seen: string[] = [];
    server.engine.host.debug = (name, words) => {
      seen.push(`${name} ${words.join(" ")}`);
      return name !== "pause-cron";
    };
    assert.equal(server.run("DEBUG", "Set-Active-Expire", "0"), "OK");
    assert.equal(
      errorOf(server.run("DEBUG", "PAUSE-CRON", "1")),
      "ERR DEBUG PAUSE-CRON is not supported",
    );
    assert.deepEqual(seen, ["set-active-expire 0", "pause-cron 1"]);
    assert.throws(() => server.run("DEBUG", "LOG", "hello"), /warning: DEBUG LOG: hello/);
  });

  it("checks settings that have no effect here", () => {
    const server = harness();
    assert.equal(server.run("DEBUG", "REPLYBUFFER", "PEAK-RESET-TIME", "never"), "OK");
    assert.match(errorOf(server.run("DEBUG", "REPLYBUFFER", "peak-reset-time", "x")), /integer/);
    assert.match(errorOf(server.run("DEBUG", "REPLYBUFFER", "nosuch", "1")), /'REPLYBUFFER'/);
    assert.equal(server.run("DEBUG", "QUICKLIST-PACKED-THRESHOLD", "200b"), "OK");
    assert.match(errorOf(server.run("DEBUG", "QUICKLIST-PACKED-THRESHOLD", "5gb")), /4gb$/);
  });
});

describe("MEMORY", () => {
  it("measures a key: its record, its value, its share of the tables", () => {
    const server = harness();
    const usage = (...options: Argument[]): Reply =>
      server.run("MEMORY", "USAGE", "key", ...options);
    assert.equal(usage(), null);
    server.run("SET", "key", "value");
    const small = Number(usage());
    const share = server.session.db.table.tableBytes / server.session.db.size;
    assert.equal(small, 32 + share);
    server.run("SET", "key", "x".repeat(33_000));
    const large = Number(usage("SAMPLES", "0"));
    assert.ok(large > 33_000 && large < 33_200, `${large} bytes`);
    server.run("SET", "key", "value", "EX", "10");
    assert.ok(Number(usage()) > small);
    assert.equal(errorOf(usage("SAMPLES", "-1")), "ERR syntax error");
    assert.equal(errorOf(usage("SAMPLES")), "ERR syntax error");
    assert.match(errorOf(usage("SAMPLES", "x")), /not an integer/);
  });

  it("adds up to what the arena counts", () => {
    const server = harness();
    for (let index = 0; index < 1024; index++) server.run("SET", `key:${index}`, "x".repeat(index));
    let sum = 0;
    for (let index = 0; index < 1024; index++) {
      sum += Number(server.run("MEMORY", "USAGE", `key:${index}`));
    }
    assert.equal(sum, server.keyspace.arena.usedBytes);
    const statistics = asMap(server.run("MEMORY", "STATS"));
    const tableBytes = Number(statistics.get("overhead.db.hashtable.lut"));
    assert.equal(statistics.get("keys.count"), 1024);
    assert.equal(Number(statistics.get("dataset.bytes")) + tableBytes, sum);
    assert.equal(statistics.get("total.allocated"), server.engine.usedBytes);
    const database = asMap(statistics.get("db.0") ?? []);
    assert.equal(database.get("overhead.hashtable.main"), tableBytes);
  });

  it("finds nothing wrong with an empty server, nor with a healthy one", () => {
    const server = harness();
    assert.match(textOf(server.run("MEMORY", "DOCTOR")), /empty/);
    server.run("DEBUG", "POPULATE", "8", "key", "1000000");
    assert.match(textOf(server.run("MEMORY", "DOCTOR")), /^Nothing unusual/);
    server.engine.statistics.peakUsedBytes = 20_000_000;
    assert.match(textOf(server.run("MEMORY", "DOCTOR")), /^\* Peak: /);
  });

  it("shows the arena's figures, and has nothing to purge", () => {
    const server = harness();
    server.run("SET", "key", "value");
    const { usedBytes } = server.keyspace.arena;
    assert.match(textOf(server.run("MEMORY", "MALLOC-STATS")), new RegExp(` used: ${usedBytes} `));
    assert.equal(server.run("MEMORY", "PURGE"), "OK");
    assert.ok(Array.isArray(server.run("MEMORY", "HELP")));
  });
});

describe("LOLWUT", () => {
  it("draws, and ends with the version in the words that tools look for", () => {
    const server = harness();
    const text = Buffer.from(textOf(server.run("LOLWUT")), "latin1").toString("utf8");
    assert.match(text, /^(?:[ ▀▄█]{76}\n){16}\nRule \d+ .* Redis ver\. 7\.4\.0\n$/);
    const chosen = textOf(server.run("LOLWUT", "VERSION", "110", "40", "10"));
    assert.match(chosen, /\nRule 110 of/);
    assert.match(errorOf(server.run("LOLWUT", "version", "x")), /not an integer/);
  });
});

describe("what this server does not have", () => {
  it("a cluster: its commands are known, with arity and rights, and refused", () => {
    const server = harness();
    const refusal = "ERR This instance has cluster support disabled";
    for (const request of ["CLUSTER INFO", "CLUSTER RESET HARD", "ASKING", "READONLY"]) {
      assert.equal(errorOf(server.run(...request.split(" "))), refusal);
    }
    assert.match(errorOf(server.run("CLUSTER", "MEET", "host")), /wrong number of arguments/);
    assert.ok(Array.isArray(server.run("CLUSTER", "HELP")));
    assert.equal(server.run("ACL", "SETUSER", "u", "+readonly", "+cluster|slots"), "OK");
  });

  it("modules: there are none, and none can be loaded", () => {
    const server = harness();
    assert.deepEqual(server.run("MODULE", "LIST"), []);
    assert.match(errorOf(server.run("MODULE", "LOAD", "/tmp/x.so")), /^ERR Error loading/);
    assert.match(errorOf(server.run("MODULE", "UNLOAD", "x")), /no such module/);
  });
});
