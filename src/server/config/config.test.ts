// CONFIG GET and CONFIG SET on the configuration of one server. The error texts are those that a
// real redis-server gives to the same call.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Config, findParameter, loadingError } from "./config.ts";
import type { ConfigCaller } from "./config.ts";
import { nodeFiles } from "./config-files.ts";
import { parameters } from "./parameters.ts";

function load(config: Config, name: string, ...args: string[]): string | undefined {
  const parameter = findParameter(name);
  assert.ok(parameter, name);
  return config.load(parameter, args);
}

function set(config: Config, text: Record<string, string>, caller?: ConfigCaller) {
  return config.set(Object.entries(text), caller);
}

function get(config: Config, name: string): string | undefined {
  return config.get([name])[0]?.[1];
}

function failed(name: string, reason: string): string {
  return `CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
}

type EvictionPolicy =
  | "noeviction"
  | `${"allkeys" | "volatile"}-${"lru" | "lfu" | "random" | "ttl"}`;

test("values have the types and names of their parameters", () => {
  const { values } = new Config();
  const port: number = values.port;
  const policy: EvictionPolicy = values.maxmemoryPolicy;
  const bind: readonly string[] = values.bind;
  assert.equal(port, 6379);
  assert.equal(policy, "noeviction");
  assert.deepEqual(bind, ["*", "-::*"]);
  assert.equal(values.protoMaxBulkLen, 512 * 1024 * 1024);
  assert.equal(values.clientOutputBufferLimit.pubsub.softSeconds, 60);
  assert.equal(values.protectedMode, true);
  assert.equal(values.dir, process.cwd());
});

test("two servers share nothing", () => {
  const one = new Config();
  const other = new Config();
  assert.equal(set(one, { maxmemory: "1mb" }), undefined);
  assert.equal(one.values.maxmemory, 1024 * 1024);
  assert.equal(other.values.maxmemory, 0);
});

test("every value can be set to itself", () => {
  const config = new Config();
  load(config, "enable-protected-configs", "yes");
  for (const [name, value] of config.get(["*"])) {
    if (findParameter(name)?.mutability === "immutable") continue;
    assert.equal(config.set([[name, value]]), undefined, name);
    assert.deepEqual(config.get([name]), [[name, value]]);
  }
});

test("GET finds names, aliases and patterns, each once", () => {
  const config = new Config();
  const names = (...patterns: string[]) => config.get(patterns).map(([name]) => name);
  assert.deepEqual(names("maxmemory", "maxmem*", "MAXMEMORY"), [
    "maxmemory",
    "maxmemory-policy",
    "maxmemory-samples",
    "maxmemory-eviction-tenacity",
    "maxmemory-clients",
  ]);
  assert.deepEqual(names("*of"), ["replicaof", "slaveof"]);
  assert.deepEqual(names("Slave-Read-Only"), ["Slave-Read-Only"]);
  assert.deepEqual(names("hash-max-[lz]i*p*-E*"), [
    "hash-max-listpack-entries",
    "hash-max-ziplist-entries",
  ]);
  assert.deepEqual(names("nothing", "nothing*", "maxmemory\\*", "maxmemory["), []);
});

test("GET answers hidden parameters only to their exact name", () => {
  const config = new Config();
  const shown = new Set(config.get(["*"]).map(([name]) => name));
  const hidden = parameters.filter((parameter) => parameter.hidden === true);
  assert.ok(hidden.length > 5);
  for (const { name } of hidden) {
    assert.ok(!shown.has(name), name);
    assert.equal(config.get([name]).length, 1);
    assert.deepEqual(config.get([`${name}*`]), []);
  }
});

const accepted: readonly (readonly [name: string, value: string, shown: string])[] = [
  ["maxmemory", "", "0"],
  ["maxmemory", "mb", "0"],
  ["maxmemory", "1K", "1000"],
  ["maxmemory", "2gB", "2147483648"],
  ["maxmemory", "100B", "100"],
  ["maxmemory", "18446744073709551615", "18446744073709551615"],
  ["maxmemory", "99999999999999999999", "18446744073709551615"],
  ["slowlog-log-slower-than", "9223372036854775807", "9223372036854775807"],
  ["slowlog-log-slower-than", "-1", "-1"],
  ["hz", "100000", "500"],
  ["hz", "0", "1"],
  ["repl-backlog-size", "1", "16384"],
  ["protected-mode", "NO", "no"],
  ["loglevel", "Warning", "warning"],
  ["shutdown-on-sigterm", "NOW default nosave", "nosave now"],
  ["shutdown-on-sigterm", "default", "default"],
  ["notify-keyspace-events", "KEA", "AKE"],
  ["notify-keyspace-events", "gxE$lshzetd", "AE"],
  ["notify-keyspace-events", "gxEm", "gxEm"],
  ["notify-keyspace-events", "Kn", "nK"],
  ["notify-keyspace-events", "", ""],
  ["latency-tracking-info-percentiles", "50 99.90 100", "50 99.9 100"],
  ["latency-tracking-info-percentiles", "", ""],
  ["hash-max-ziplist-entries", "7", "7"],
  ["bind", "127.0.0.1 -::1", "127.0.0.1 -::1"],
  ["bind", "", ""],
  [
    "client-output-buffer-limit",
    "replica 1mb 2k 3",
    "normal 0 0 0 slave 1048576 2000 3 pubsub 33554432 8388608 60",
  ],
  [
    "client-output-buffer-limit",
    "SLAVE 1 2 3 pubsub 4 5 6",
    "normal 0 0 0 slave 1 2 3 pubsub 4 5 6",
  ],
  ["oom-score-adj-values", "0 +200 800", "0 200 800"],
  ["proc-title-template", "x {{ {port}", "x {{ {port}"],
  ["requirepass", "p\u00c3\u00a4\u00ff", "p\u00c3\u00a4\u00ff"],
];

test("SET accepts what Redis accepts and shows it as Redis does", () => {
  for (const [name, value, shown] of accepted) {
    const config = new Config();
    assert.equal(config.set([[name, value]]), undefined, `${name} ${value}`);
    assert.equal(get(config, name), shown, `${name} ${value}`);
  }
});

const refused: readonly (readonly [name: string, value: string, reason: string])[] = [
  ["maxmemory", "1x", "argument must be a memory value"],
  ["maxmemory", "-1", "argument must be a memory value"],
  ["maxmemory", "1 mb", "argument must be a memory value"],
  ["maxmemory-clients", "x", "argument must be a memory or percent value"],
  ["maxmemory-clients", "%", "argument must be a memory or percent value"],
  ["maxmemory-clients", "200%", "percentage argument must be less or equal to 100"],
  ["port", "abc", "argument couldn't be parsed into an integer"],
  ["port", "", "argument couldn't be parsed into an integer"],
  ["port", "007", "argument couldn't be parsed into an integer"],
  ["port", "+1", "argument couldn't be parsed into an integer"],
  ["port", "9223372036854775808", "argument couldn't be parsed into an integer"],
  ["port", "70000", "argument must be between 0 and 65535 inclusive"],
  ["maxclients", "-1", "argument must be between 1 and 4294967295 inclusive"],
  [
    "client-query-buffer-limit",
    "1",
    "argument must be between 1048576 and 9223372036854775807 inclusive",
  ],
  [
    "slowlog-log-slower-than",
    "-2",
    "argument must be between -1 and 9223372036854775807 inclusive",
  ],
  ["protected-mode", "x", "argument must be 'yes' or 'no'"],
  [
    "loglevel",
    "x",
    "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
  ],
  [
    "shutdown-on-sigterm",
    "",
    "argument(s) must be one of the following: default, save, nosave, now, force",
  ],
  [
    "shutdown-on-sigint",
    "save nosave",
    "shutdown options SAVE and NOSAVE can't be used simultaneously",
  ],
  ["save", "1 2 3", "Invalid save parameters"],
  ["save", "0 2", "Invalid save parameters"],
  ["save", "1  2", "Invalid save parameters"],
  [
    "client-output-buffer-limit",
    "normal 1 2",
    "Wrong number of arguments in buffer limit configuration.",
  ],
  [
    "client-output-buffer-limit",
    "master 1 2 3",
    "Invalid client class specified in buffer limit configuration.",
  ],
  [
    "client-output-buffer-limit",
    "normal 1 2 -3",
    "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
  ],
  ["notify-keyspace-events", "q", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."],
  [
    "latency-tracking-info-percentiles",
    "abc",
    "Invalid latency-tracking-info-percentiles parameters",
  ],
  [
    "latency-tracking-info-percentiles",
    "101",
    "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
  ],
  ["oom-score-adj-values", "1 2", "wrong number of arguments"],
  [
    "oom-score-adj-values",
    "1 2 9999",
    "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
  ],
  ["bind", "a b c d e f g h i j k l m n o p q", "Too many bind addresses specified."],
  ["proc-title-template", "{title}", "template format is invalid or contains unknown variables"],
  ["proc-title-template", "{x}", "template format is invalid or contains unknown variables"],
  ["proc-title-template", "a {", "template format is invalid or contains unknown variables"],
  ["daemonize", "yes", "can't set immutable config"],
  ["dir", "/", "can't set protected config"],
];

test("SET refuses what Redis refuses, for the same reason, and changes nothing", () => {
  const config = new Config();
  const before = config.get(["*"]);
  for (const [name, value, reason] of refused) {
    assert.equal(config.set([[name, value]]), failed(name, reason), `${name} ${value}`);
    assert.deepEqual(config.get(["*"]), before);
  }
});

test("SET names the argument that it could not use", () => {
  const config = new Config();
  const unknown = "Unknown option or number of arguments for CONFIG SET - 'NoSuch'";
  assert.equal(set(config, { NoSuch: "1" }), unknown);
  assert.equal(set(config, { maxmemory: "x", NoSuch: "1" }), unknown);
  assert.equal(
    config.set([
      ["maxmemory", "1"],
      ["MaxMemory", "2"],
    ]),
    failed("MaxMemory", "duplicate parameter"),
  );
  // The declared name once the value is judged, the asked one before.
  assert.equal(set(config, { PORT: "x" }), failed("port", refused[6][2]));
  assert.equal(set(config, { DIR: "/" }), failed("DIR", "can't set protected config"));
});

test("a name and its alias in one call both count, the later one wins", () => {
  const config = new Config();
  set(config, { "hash-max-ziplist-entries": "5", "hash-max-listpack-entries": "6" });
  assert.equal(config.values.hashMaxListpackEntries, 6);
});

test("protected parameters obey enable-protected-configs and where the caller is", () => {
  for (const [mode, isLocal, isAllowed] of [
    ["no", true, false],
    ["local", false, false],
    ["local", true, true],
    ["yes", false, true],
  ] as const) {
    const config = new Config();
    load(config, "enable-protected-configs", mode);
    const answer = set(config, { dbfilename: "other.rdb" }, { isLocal });
    assert.equal(answer === undefined, isAllowed, `${mode} ${isLocal}`);
    assert.equal(config.values.dbfilename === "other.rdb", isAllowed);
  }
});

test("some parameters cannot be set while the data set is loaded", () => {
  const config = new Config();
  load(config, "enable-protected-configs", "yes");
  assert.equal(set(config, { dir: "/" }, { isLoading: true }), loadingError);
  assert.equal(set(config, { loglevel: "debug" }, { isLoading: true }), undefined);
});

test("one bad value undoes all of them, before any hook has run", () => {
  const config = new Config();
  let runs = 0;
  config.onChange("maxmemory", () => {
    runs++;
    return undefined;
  });
  set(config, { maxmemory: "10" });
  const answer = set(config, { maxmemory: "11", timeout: "3", port: "x" });
  assert.equal(answer, failed("port", "argument couldn't be parsed into an integer"));
  assert.equal(config.values.maxmemory, 10);
  assert.equal(config.values.timeout, 0);
  assert.equal(runs, 1);
});

test("a hook that fails undoes everything and runs all hooks again with the old values", () => {
  const warnings: string[] = [];
  const config = new Config({ warn: (message) => warnings.push(message) });
  const seen: string[] = [];
  config.onChange("maxmemory", () => {
    seen.push(`maxmemory ${config.values.maxmemory}`);
    return undefined;
  });
  config.onChange("port", () => {
    seen.push(`port ${config.values.port}`);
    return config.values.port === 1
      ? "Unable to listen on this port. Check server logs."
      : undefined;
  });
  const answer = set(config, { maxmemory: "7", port: "1", timeout: "9" });
  assert.equal(answer, failed("port", "Unable to listen on this port. Check server logs."));
  assert.deepEqual(seen, ["maxmemory 7", "port 1", "maxmemory 0", "port 6379"]);
  assert.equal(config.values.timeout, 0);
  assert.equal(get(config, "port"), "6379");
  assert.equal(warnings.length, 1);
});

test("a hook runs once for all of its parameters, and not for values that stay", () => {
  const config = new Config();
  let runs = 0;
  const hook = () => {
    runs++;
    return undefined;
  };
  config.onChange("port", hook);
  config.onChange("timeout", hook);
  config.onChange("bind", hook);
  set(config, { port: "1", timeout: "2" });
  assert.equal(runs, 1);
  set(config, { port: "1", timeout: "2" });
  assert.equal(runs, 1);
  // Host names may have got new addresses.
  set(config, { bind: "* -::*" });
  assert.equal(runs, 2);
});

test("what awaits a feature shows what is in force and cannot be set to anything else", () => {
  const config = new Config();
  assert.equal(get(config, "watchdog-period"), "0");
  assert.equal(set(config, { "watchdog-period": "0" }), undefined);
  assert.equal(
    set(config, { "watchdog-period": "500" }),
    failed("watchdog-period", "not supported yet: the software watchdog"),
  );
  assert.equal(set(config, { "repl-timeout": "5" }), undefined);
  assert.equal(get(config, "repl-timeout"), "5");
});

test("directives that have no effect yet give one warning each", () => {
  const config = new Config();
  for (const [name, ...args] of [
    ["tls-key-file-pass", "secret"],
    ["watchdog-period", "500"],
    ["repl-timeout", "5"],
    ["cluster-enabled", "no"],
    ["maxmemory", "1mb"],
  ]) {
    assert.equal(load(config, name, ...args), undefined, name);
  }
  assert.equal(get(config, "watchdog-period"), "0");
  assert.equal(get(config, "repl-timeout"), "5");
  assert.deepEqual(config.warnings, [
    'No effect yet: watchdog-period "500" (not supported yet: the software watchdog)',
  ]);
  load(config, "watchdog-period", "0");
  assert.equal(config.warnings.length, 0);
});

test("a directive takes one argument, or several where the parameter does", () => {
  const config = new Config();
  assert.equal(load(config, "port"), "wrong number of arguments");
  assert.equal(load(config, "port", "1", "2"), "wrong number of arguments");
  assert.equal(load(config, "shutdown-on-sigint", "nosave force"), undefined);
  assert.deepEqual(config.values.shutdownOnSigint, ["nosave", "force"]);
  assert.equal(load(config, "replicaof", "127.0.0.1", "abc"), "Invalid master port");
  assert.equal(load(config, "replicaof", "127.0.0.1"), "wrong number of arguments");
  assert.equal(load(config, "daemonize", "no"), undefined);
});

test("dir moves as chdir does", () => {
  const config = new Config({
    files: {
      ...nodeFiles,
      workingDirectory: () => "/srv",
      resolveDirectory: (from, to) =>
        to === "gone" ? { reason: "No such file or directory" } : { path: `${from}/${to}` },
    },
  });
  assert.equal(load(config, "dir", "a"), undefined);
  assert.equal(load(config, "dir", "b"), undefined);
  assert.equal(config.values.dir, "/srv/a/b");
  assert.equal(load(config, "dir", "gone"), "No such file or directory");
  assert.equal(get(config, "dir"), "/srv/a/b");
});

test("a library gives values instead of directives", () => {
  const config = new Config();
  const answer = config.loadValues({ port: 0, maxmemory: 1e8, bind: ["::1"], requirepass: "a b" });
  assert.equal(answer, undefined);
  assert.equal(config.values.port, 0);
  assert.equal(get(config, "maxmemory"), "100000000");
  assert.deepEqual(config.values.bind, ["::1"]);
  assert.equal(config.values.requirepass, "a b");
  assert.equal(
    config.loadValues({ port: -1 }),
    "port: argument must be between 0 and 65535 inclusive",
  );
  assert.equal(
    config.loadValues({ port: 1.5 }),
    "port: argument couldn't be parsed into an integer",
  );
});

test("a password is the same bytes from a file, a client and a library", () => {
  const config = new Config();
  const bytes = Buffer.from("pä€").toString("latin1");
  load(config, "requirepass", "pä€");
  assert.equal(config.values.requirepass, bytes);
  assert.equal(get(config, "requirepass"), bytes);
  config.loadValues({ requirepass: "" });
  assert.equal(set(config, { requirepass: bytes }), undefined);
  assert.equal(config.values.requirepass, bytes);
  config.loadValues({ requirepass: "pä€" });
  assert.equal(config.values.requirepass, bytes);
});

test("secrets are known by every name", () => {
  const config = new Config();
  assert.ok(config.isSensitive("RequirePass"));
  assert.ok(!config.isSensitive("maxmemory"));
  assert.ok(!config.isSensitive("nosuch"));
});

test("any series of calls leaves texts and values that belong together", () => {
  const names = ["maxmemory", "timeout", "loglevel", "save", "hz", "protected-mode", "nosuch"];
  const values = ["0", "1", "10kb", "yes", "no", "debug", "", "5 5", "x"];
  const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values));
  fc.assert(
    fc.property(fc.array(fc.array(pair, { minLength: 1 })), (calls) => {
      const config = new Config();
      for (const pairs of calls) {
        const before = config.get(["*"]);
        if (config.set(pairs) !== undefined) assert.deepEqual(config.get(["*"]), before);
      }
      const copy = new Config();
      for (const name of names.slice(0, -1)) copy.set([[name, get(config, name) ?? ""]]);
      assert.deepEqual(copy.values, config.values);
    }),
  );
});
