// Configuration files in a directory of their own, and the errors that keep a server from starting.

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import { Config } from "./config.ts";
import { FatalConfigError, loadConfig } from "./config-file.ts";
import type { ConfigSources, LoadHooks } from "./config-file.ts";
import { nodeFiles } from "./config-files.ts";

const root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "config-file-"));
after(() => fs.rmSync(root, { recursive: true }));

/** A configuration whose working directory is `root`. */
function newConfig(standardInput = ""): Config {
  const files = {
    ...nodeFiles,
    workingDirectory: () => root,
    readStandardInput: () => standardInput,
  };
  return new Config({ files });
}

function loadText(text: string, hooks: LoadHooks = {}): Config {
  const config = newConfig();
  fs.writeFileSync(path.join(root, "text.conf"), text);
  loadConfig(config, { file: "text.conf" }, hooks);
  return config;
}

function fatal(run: () => void): FatalConfigError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof FatalConfigError, String(error));
    return error;
  }
  return assert.fail("it was accepted");
}

function report(line: number, text: string, reason: string): string {
  return (
    "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.0) ***\n" +
    `Reading the configuration file, at line ${line}\n>>> '${text}'\n${reason}\n`
  );
}

test("directives are read, the last one wins, comments and blanks are left out", () => {
  const config = loadText(
    [
      "# maxmemory 1",
      "",
      "  \t maxmemory 2mb\r",
      "TIMEOUT 1",
      "timeout 2",
      'requirepass "\\x41 b"',
      "logfile ''",
      "client-output-buffer-limit normal 1 2 3",
      "client-output-buffer-limit replica 4 5 6",
      "bind 127.0.0.1 -::1",
      "list-max-ziplist-value 5",
    ].join("\n"),
  );
  assert.equal(config.values.maxmemory, 2 * 1024 * 1024);
  assert.equal(config.values.timeout, 2);
  assert.equal(config.values.requirepass, "A b");
  assert.equal(config.values.clientOutputBufferLimit.normal.softSeconds, 3);
  assert.equal(config.values.clientOutputBufferLimit.replica.softSeconds, 6);
  assert.deepEqual(config.values.bind, ["127.0.0.1", "-::1"]);
  assert.equal(config.file, path.join(root, "text.conf"));
  assert.deepEqual(config.warnings, []);
});

const notInteger = "argument couldn't be parsed into an integer";

const fatalLines: readonly (readonly [line: string, reason: string])[] = [
  ["nosuch 1", "Bad directive or wrong number of arguments"],
  ["include", "Bad directive or wrong number of arguments"],
  ["rename-command a", "Bad directive or wrong number of arguments"],
  ["list-max-ziplist-value", "Bad directive or wrong number of arguments"],
  ["port", "wrong number of arguments"],
  ["port 1 2", "wrong number of arguments"],
  ["port abc", notInteger],
  ["port 65536", "argument must be between 0 and 65535 inclusive"],
  ['port "1', "Unbalanced quotes in configuration line"],
  ["  port 1'  ", "Unbalanced quotes in configuration line"],
  ["dir /no/such/directory", "No such file or directory"],
  ["mod.option 1", "not supported yet: modules"],
  ["mod.option", "Module config specified without value"],
  ["loadmodule /a.so", "not supported yet: modules"],
  ["user default onn", "Error in user declaration 'onn': Syntax error"],
  ["user a on nopass (~k", "Error in user declaration '(~k': Unmatched parenthesis"],
  [
    "user a #12",
    "Error in user declaration '#12': The password hash must be exactly 64 characters and " +
      "contain only lowercase hexadecimal characters",
  ],
  ["sentinel monitor a", "sentinel directive while not in sentinel mode"],
];

test("a line that cannot be used is fatal and shown", () => {
  for (const [line, reason] of fatalLines) {
    const error = fatal(() => loadText(`\n${line}\n`));
    assert.equal(error.message, report(2, line.trim(), reason));
    assert.equal(error.destination, "standard error");
  }
});

test("users are kept with their rules, a selector as one; unknown commands are told later", () => {
  const config = loadText("user a on >p <p (~k +get) +no-such\nuser b\n");
  assert.deepEqual(config.users, [["a", "on", ">p", "<p", "(~k +get)", "+no-such"], ["b"]]);
  const error = fatal(() => loadText("user a\nuser b\nuser a on"));
  const reason =
    "Error in user declaration 'a': Duplicate user found. A user can only be defined once in " +
    "config files";
  assert.equal(error.message, report(3, "user a on", reason));
});

test("save adds up in a file and replaces on the command line only what it says", () => {
  const config = loadText("save 900 1\nsave 60 100\n");
  assert.deepEqual(config.values.save, [
    { seconds: 900, changes: 1 },
    { seconds: 60, changes: 100 },
  ]);
  assert.deepEqual(loadText("save 900 1\nsave ''").values.save, []);
});

test("commands are renamed in order, an unknown one is fatal", () => {
  const seen: string[] = [];
  const hooks = {
    renameCommand(from: string, to: string) {
      seen.push(`${from}>${to}`);
      return from === "nosuch" ? "No such command in rename-command" : undefined;
    },
  };
  const config = loadText('rename-command flushdb badger\nrename-command keys ""\n', hooks);
  assert.deepEqual(seen, ["flushdb>badger", "keys>"]);
  assert.deepEqual(config.renamedCommands, [
    ["flushdb", "badger"],
    ["keys", ""],
  ]);
  const error = fatal(() => loadText("rename-command nosuch x", hooks));
  assert.equal(
    error.message,
    report(1, "rename-command nosuch x", "No such command in rename-command"),
  );
});

test("files include others, with patterns that may find none", () => {
  fs.mkdirSync(path.join(root, "conf.d"));
  for (const [name, text] of [
    ["b.conf", "timeout 2"],
    ["a.conf", "timeout 1\nhz 20\n"],
    [".hidden.conf", "nosuch 1"],
    ["c.txt", "nosuch 1"],
  ]) {
    fs.writeFileSync(path.join(root, "conf.d", name), text);
  }
  const config = loadText("include conf.d/*.conf\ninclude none.d/*.conf\nmaxmemory 5\n");
  assert.equal(config.values.timeout, 2);
  assert.equal(config.values.hz, 20);
  assert.equal(config.values.maxmemory, 5);
  const other = loadText(`include ${root}/conf.[a-d]/?.conf\ntimeout 9`);
  assert.equal(other.values.timeout, 9);
  assert.equal(other.values.hz, 20);
});

test("an included file is looked for from the directory in force", () => {
  fs.mkdirSync(path.join(root, "sub"));
  fs.writeFileSync(path.join(root, "sub", "more.conf"), "timeout 7\n");
  assert.equal(loadText("dir sub\ninclude more.conf\n").values.timeout, 7);
});

test("an error in an included file names its own line", () => {
  fs.writeFileSync(path.join(root, "bad.conf"), "port 1\nport x\n");
  const error = fatal(() => loadText("\n\n\n\ninclude bad.conf\n"));
  assert.equal(error.message, report(2, "port x", notInteger));
});

test("files that include each other end", () => {
  fs.writeFileSync(path.join(root, "loop.conf"), "include loop.conf\n");
  const error = fatal(() => loadText("include loop.conf\n"));
  assert.match(error.message, /more than 64 files include each other/);
});

test("a file that cannot be opened is fatal, in the log's words", () => {
  for (const [sources, file] of [
    [{ file: "gone.conf" }, path.join(root, "gone.conf")],
    [{ options: "include gone2.conf" }, "gone2.conf"],
  ] as readonly (readonly [ConfigSources, string])[]) {
    const error = fatal(() => loadConfig(newConfig(), sources));
    assert.equal(
      error.message,
      `Fatal error, can't open config file '${file}': No such file or directory`,
    );
    assert.equal(error.destination, "log");
  }
});

test("standard input follows the file and options follow both", () => {
  fs.writeFileSync(path.join(root, "base.conf"), "timeout 1\nhz 11\nport 1\n");
  const notices: string[] = [];
  const config = newConfig("timeout 2\nport 2\n");
  loadConfig(
    config,
    { file: "base.conf", readsStandardInput: true, options: "port 3" },
    { notice: (message) => notices.push(message) },
  );
  assert.deepEqual([config.values.hz, config.values.timeout, config.values.port], [11, 2, 3]);
  assert.deepEqual(notices, ["Reading config from stdin"]);
});

test("lines are counted over the whole, options included", () => {
  fs.writeFileSync(path.join(root, "base.conf"), "timeout 1\nhz 11\n");
  const error = fatal(() =>
    loadConfig(newConfig(), { file: "base.conf", options: 'port "1" "2" ' }),
  );
  assert.equal(error.message, report(4, 'port "1" "2"', "wrong number of arguments"));
});

test("a log file that cannot be written is fatal at once", () => {
  const error = fatal(() => loadText("logfile no/such/place.log\n"));
  assert.equal(
    error.message,
    "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.0) ***\n" +
      "Can't open the log file: No such file or directory\n",
  );
  loadText("dir conf.d\nlogfile fine.log\n");
  assert.ok(fs.existsSync(path.join(root, "conf.d", "fine.log")));
});

test("the configuration of Redis's own tests is accepted", () => {
  const config = loadText(
    [
      "always-show-logo yes",
      "notify-keyspace-events KEA",
      "daemonize no",
      "pidfile /var/run/redis.pid",
      "latency-monitor-threshold 1",
      "repl-diskless-sync-delay 0",
      "save ''",
      "dir ./",
      "slave-serve-stale-data yes",
      "appendonly no",
      "enable-protected-configs yes",
      "enable-debug-command yes",
      "enable-module-command yes",
      "propagation-error-behavior panic",
      "shutdown-on-sigterm force",
    ].join("\n"),
  );
  assert.deepEqual(config.warnings, []);
});
