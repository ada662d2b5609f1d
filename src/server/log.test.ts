// The log's line format, its levels, its sinks, and the lines of a starting server.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, test } from "node:test";
import {
  Log,
  fileSink,
  logInitialized,
  logListenFailed,
  logReady,
  logRunning,
  logStarting,
  silentLog,
  sinkFor,
  standardOutputSink,
  wantsLogo,
} from "./log.ts";
import type { LogLevel } from "./log.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "log-"));
after(() => fs.rmSync(root, { recursive: true }));

function recording(level: LogLevel = "debug", now = 0) {
  const lines: string[] = [];
  const sink = { write: (text: string) => void lines.push(text) };
  return { lines, log: new Log({ sink, level, pid: 42, role: "M", now: () => now }) };
}

test("a line has process, role, local time, level and message", () => {
  const time = new Date(2024, 2, 7, 9, 5, 3, 7).getTime();
  const { lines, log } = recording("debug", time);
  log.debug("a");
  log.verbose("b");
  log.notice("c");
  log.role = "S";
  log.warning("d");
  assert.deepEqual(lines, [
    "42:M 07 Mar 2024 09:05:03.007 . a\n",
    "42:M 07 Mar 2024 09:05:03.007 - b\n",
    "42:M 07 Mar 2024 09:05:03.007 * c\n",
    "42:S 07 Mar 2024 09:05:03.007 # d\n",
  ]);
});

test("only what is important enough is written", () => {
  for (const [level, count] of [
    ["debug", 5],
    ["verbose", 4],
    ["notice", 3],
    ["warning", 1],
    ["nothing", 0],
  ] as const) {
    const { lines, log } = recording(level);
    log.debug("");
    log.verbose("");
    log.notice("");
    log.raw("notice", "as it is");
    log.warning("");
    assert.equal(lines.length, count, level);
  }
  const log = silentLog();
  assert.equal(log.isWriting("warning"), false);
});

test("raw text stays as it is", () => {
  const { lines, log } = recording();
  log.raw("notice", "a\nb");
  assert.deepEqual(lines, ["a\nb"]);
});

test("a log file is appended to, also after it was moved away", () => {
  const file = path.join(root, "a.log");
  const sink = sinkFor("a.log", root);
  fs.writeFileSync(file, "old\n");
  sink.write("one\n");
  fs.renameSync(file, `${file}.1`);
  sink.write("two\n");
  assert.equal(fs.readFileSync(`${file}.1`, "utf8"), "old\none\n");
  assert.equal(fs.readFileSync(file, "utf8"), "two\n");
});

test("a log file that cannot be written does not stop anything", () => {
  fileSink(path.join(root, "no", "such", "place")).write("x\n");
  assert.deepEqual(fs.readdirSync(root).includes("no"), false);
});

test("an empty name is standard output, and lines are there when the process is killed", () => {
  assert.equal(sinkFor("", root), standardOutputSink);
  const url = new URL("./log.ts", import.meta.url).href;
  const script = `import { standardOutputSink } from ${JSON.stringify(url)};
    for (let line = 0; line < 20000; line++) standardOutputSink.write("line " + line + "\\n");
    process.kill(process.pid, "SIGKILL");`;
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    maxBuffer: 1e7,
  });
  const lines = child.stdout.toString().split("\n");
  assert.equal(lines.length, 20001, child.stderr.toString());
  assert.equal(lines[19999], "line 19999");
});

test("a starting server logs what Redis's test-suite waits for", () => {
  const { lines, log } = recording();
  logStarting(log, { hasConfiguration: true });
  logRunning(log, { mode: "standalone", port: 7000, pid: 42, showsLogo: true });
  logInitialized(log);
  logReady(log, "tcp");
  const text = lines.join("");
  assert.match(text, /oO0OoO0OoO0Oo Respite is starting oO0OoO0OoO0Oo\n/);
  assert.match(text, / \* Configuration loaded\n/);
  assert.match(text, / Port: 7000\n[^]* PID: 42\n[^]*Server initialized\n[^]*Ready to accept/);
  assert.match(text, / \* Ready to accept connections tcp\n$/);
});

test("without a logo one line says mode and port", () => {
  const { lines, log } = recording();
  logStarting(log, { hasConfiguration: false });
  logRunning(log, { mode: "standalone", port: 6379, pid: 42, showsLogo: false });
  logListenFailed(log, 6379, "tcp");
  assert.match(lines[2], / # Warning: no config file specified/);
  assert.match(lines[3], / \* Running mode=standalone, port=6379\.\n$/);
  assert.match(lines[4], / # Failed listening on port 6379 \(tcp\), aborting\.\n$/);
});

test("the logo is shown when asked for", () => {
  assert.equal(wantsLogo({ alwaysShowLogo: true, logfile: "a.log" }), true);
  assert.equal(wantsLogo({ alwaysShowLogo: false, logfile: "a.log" }), false);
});
