// The command line as Redis's own tests use it ("redis-server command line arguments").

import assert from "node:assert/strict";
import { test } from "node:test";
import { Config } from "./config.ts";
import { FatalConfigError, loadConfig } from "./config-file.ts";
import { nodeFiles } from "./config-files.ts";
import { parseCommandLine } from "./command-line.ts";
import { version } from "../version.ts";

function optionsOf(...argv: string[]): string | undefined {
  const line = parseCommandLine(argv);
  assert.equal(line.action, "run");
  return line.sources.options;
}

function start(...argv: string[]): Config {
  const line = parseCommandLine(argv);
  assert.equal(line.action, "run");
  const config = new Config({ files: { ...nodeFiles, readStandardInput: () => "timeout 5" } });
  loadConfig(config, line.sources);
  return config;
}

function errorOf(...argv: string[]): string {
  try {
    start(...argv);
  } catch (error) {
    assert.ok(error instanceof FatalConfigError);
    return error.message;
  }
  return assert.fail(`accepted: ${argv.join(" ")}`);
}

test("a file and options are told apart", () => {
  assert.deepEqual(parseCommandLine([]), {
    action: "run",
    sources: { readsStandardInput: false },
    isEmpty: true,
  });
  assert.deepEqual(parseCommandLine(["a.conf", "--port", "1", "--bind", "x", "y"]), {
    action: "run",
    sources: {
      file: "a.conf",
      readsStandardInput: false,
      options: 'port "1" \nbind "x" "y" ',
    },
    isEmpty: false,
  });
});

test("a lone dash reads standard input at the first or the last place", () => {
  assert.equal(start("-").values.timeout, 5);
  assert.equal(start("-", "--port", "1").values.timeout, 5);
  assert.equal(start("--port", "1", "-").values.timeout, 5);
  assert.match(errorOf("--port", "-", "1"), />>> 'port "-" "1"'\nwrong number of arguments\n$/);
});

test("name and value may come in one argument", () => {
  const config = start("--maxmemory 700mb", "--timeout '3'", "--loglevel", "verbose");
  assert.equal(config.values.maxmemory, 734003200);
  assert.equal(config.values.timeout, 3);
  assert.equal(config.values.loglevel, "verbose");
});

test("a value may begin with two dashes when it is the first", () => {
  const config = start("--proc-title-template", "--my--title--template", "--loglevel", "verbose");
  assert.equal(config.values.procTitleTemplate, "--my--title--template");
  assert.equal(config.values.loglevel, "verbose");
  const other = start("--proc-title-template --my--title", "--loglevel verbose");
  assert.equal(other.values.procTitleTemplate, "--my--title");
  assert.equal(start("--proc-title-template", "--save", "--save", "").values.save.length, 0);
});

test("save may be empty in every way", () => {
  assert.equal(optionsOf("--save", "--port", "1"), 'save ""\nport "1" ');
  assert.equal(optionsOf("--port", "1", "--save"), 'port "1" \nsave ""');
  assert.equal(optionsOf("--save", "", "--port", "1"), 'save "" \nport "1" ');
});

test("several values may come as one or as many", () => {
  const line = "--shutdown-on-sigint nosave force now --shutdown-on-sigterm";
  const config = start(...line.split(" "), "nosave force");
  assert.deepEqual(config.values.shutdownOnSigint, ["nosave", "now", "force"]);
  assert.deepEqual(config.values.shutdownOnSigterm, ["nosave", "force"]);
});

test("values keep their bytes", () => {
  const title = 'a "b" \\ \n€';
  assert.equal(start("--proc-title-template", title).values.procTitleTemplate, title);
});

test("what Redis refuses is refused with its words", () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [["--invalid"], /Bad directive or wrong number of arguments/],
    [["--port"], /'port'\nwrong number of arguments/],
    [["--port", "6380", "--loglevel"], /'loglevel'\nwrong number of arguments/],
    [["--port", "6379", "6380"], /'port "6379" "6380"'\nwrong number of arguments/],
    [["--port", "--loglevel", "verbose"], /'port "--loglevel" "verbose"'\nwrong number/],
    [["--port", "--bla", "--loglevel", "verbose"], /'port "--bla"'\nargument couldn't be parsed/],
    [["--loglevel", "--bla"], /'loglevel "--bla"'\nargument\(s\) must be one of the following/],
    [["--shutdown-on-sigint"], /'shutdown-on-sigint'\nargument\(s\) must be one of/],
    [["--replicaof", "127.0.0.1", "abc"], /'replicaof "127.0.0.1" "abc"'\nInvalid master port/],
    [["--replicaof", "--127.0.0.1", "--abc"], /'replicaof "--127.0.0.1"'\nwrong number of/],
    [["-x"], /'"-x"'\nBad directive/],
    [["--sentinel-mode"], /Bad directive/],
  ];
  for (const [argv, expected] of cases) assert.match(errorOf(...argv), expected);
});

test("the first option counts from line 2, as in Redis", () => {
  assert.match(errorOf("--nosuch", "1"), /at line 2\n>>> 'nosuch "1"'/);
});

test("version and help are printed", () => {
  for (const option of ["-v", "--version"]) {
    const line = parseCommandLine([option]);
    assert.ok(line.action === "print");
    assert.equal(line.exitCode, 0);
    const head = `Respite v=${version} redis_version=7.4.0 node=v`;
    assert.ok(line.text.startsWith(head) && line.text.endsWith(" bits=64\n"), line.text);
  }
  for (const option of ["-h", "--help"]) {
    const line = parseCommandLine([option]);
    assert.ok(line.action === "print");
    assert.match(line.text, /^Usage: respite /);
  }
});

test("what only Redis can do is refused clearly", () => {
  for (const argv of [
    ["--sentinel"],
    ["a.conf", "--sentinel"],
    ["--test-memory", "1"],
    ["--check-system"],
  ]) {
    const line = parseCommandLine(argv);
    assert.ok(line.action === "print");
    assert.equal(line.exitCode, 1);
    assert.equal(line.destination, "standard error");
    assert.match(line.text, /^--[a-z-]+ is not supported\. /);
  }
});
