// What real Redis writes to its append-only file and what we propagate, for the same requests,
// command by command. The differences that remain are named here with their reasons.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { commands } from "../../src/commands/commands.ts";
import { Client, encodeRequest } from "../support/client.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { PropagationRecorder, shownWords } from "../support/propagation-recorder.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import type { Reply } from "../support/reply.ts";
import { ReplyError, parseReplies } from "../support/reply.ts";
import {
  exampleWords,
  isNewerThan70,
  libraryOf,
  writeExamples,
} from "../support/write-examples.ts";

/** Changes no key, but is always propagated: it parts what requests are propagated as. */
const divider = ["FUNCTION", "LOAD", "REPLACE", libraryOf("divider")];
const dividerLine = shownWords(divider);
/** Times are the same if they are, to so many milliseconds. */
const timeGrainMs = 60_000;
const dayMs = 86_400_000;

/** What is different on purpose: the request, and what makes the two alike. */
interface Difference {
  readonly request: RegExp;
  readonly reason: string;
  /** Applied to the lines of both. */
  readonly alike: (lines: readonly string[]) => readonly string[];
}

const differences: readonly Difference[] = [
  {
    request: /^SPOP/,
    reason: "members are chosen at random; Redis 7.0 writes an SREM for each, later ones batches",
    alike: (lines) => [...new Set(withoutUnits(lines.map((line) => withoutMembers(line))))],
  },
  {
    request: /^(RANDOMKEY|SCAN)/,
    reason: "keys are come upon in any order",
    alike: (lines) => lines.toSorted(),
  },
  {
    request: /^BLMOVE/,
    reason: "Redis 7.0 writes the ends in its own small letters when it serves one who waited",
    alike: (lines) => lines.map((line) => line.toUpperCase()),
  },
  {
    request: /^XADD .*\*/,
    reason: "the next millisecond may have begun between two entries of a time, for one of the two",
    alike: (lines) => lines.map((line) => line.replace(/(now\+\d+)-\d+/, "$1-n")),
  },
  {
    request: /^(XADD|XTRIM) .*LIMIT/,
    reason: "Redis leaves LIMIT in, which only those understand who obey a primary",
    alike: (lines) => lines.map((line) => line.replace(/ LIMIT \d+/, "")),
  },
  {
    request: /^XREADGROUP/,
    reason: "since 7.2 XGROUP SETID follows the XCLAIMs, so that the entries read are known",
    alike: (lines) => withoutUnits(lines).filter((line) => !/XGROUP SETID/.test(line)),
  },
  {
    request: /^(XREADGROUP|XCLAIM|XAUTOCLAIM)/,
    reason: "we also propagate a consumer who gets nothing",
    alike: (lines) => withoutUnits(lines).filter((line) => !/XGROUP CREATECONSUMER/.test(line)),
  },
];

/** What is there, who waits, and who ends the waiting. */
const waits = [
  ["PING", "BLPOP a b 0", "RPUSH b 1 2"],
  ["PING", "BRPOP a b 0", "RPUSH b 1 2"],
  ["PING", "BLMPOP 0 1 a LEFT COUNT 9", "RPUSH a 1 2"],
  ["PING", "BLMOVE a b LEFT RIGHT 0", "RPUSH a 1 2"],
  ["PING", "BRPOPLPUSH a b 0", "RPUSH a 1 2"],
  ["PING", "BZPOPMIN a b 0", "ZADD b 1 x 2 y"],
  ["PING", "BZPOPMAX a b 0", "ZADD b 1 x 2 y"],
  ["PING", "BZMPOP 0 1 a MAX COUNT 9", "ZADD a 1 x 2 y"],
  ["XGROUP CREATE x g 0 MKSTREAM", "XREADGROUP GROUP g c BLOCK 0 STREAMS x >", "XADD x 1-1 f v"],
] as const;

function withoutMembers(line: string): string {
  return line.replace(/^(\d+ SREM \S+) .*/, "$1");
}

function withoutUnits(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^\d+ (MULTI|EXEC)$/.test(line));
}

describe("what is propagated is what Redis writes to its file", { skip: reasonToSkip() }, () => {
  let real: RealRedis;
  let directory: string;

  before(async () => {
    real = await RealRedis.start();
    // With `everysec` a write may wait for the fsync of another.
    await real.run([["CONFIG", "SET", "appendfsync", "no", "appendonly", "yes"]]);
    let info = "rewrite_in_progress:1";
    while (/rewrite_in_progress:1|rewrite_scheduled:1/.test(info)) {
      [info] = (await ask(real, ["INFO", "persistence"])) as [string];
    }
    const [reply] = await ask(real, ["CONFIG", "GET", "dir"]);
    directory = join((reply as string[])[1], "appendonlydir");
  });

  after(() => real.stop());

  test("command by command", async () => {
    let compared = 0;
    for (const example of writeExamples) {
      if (example.some((request) => isNewerThan70(request))) continue;
      const nowMs = Date.now();
      const ours = runOurs(example, nowMs);
      const theirs = await runReal(example, nowMs);
      for (const [index, request] of requestGroups(example).entries()) {
        const where = `${request.join(" | ")} of ${example.join(" | ")}`;
        assert.deepEqual(
          alike(request, ours[index], nowMs),
          alike(request, theirs[index], nowMs),
          `actual is ours: ${where}`,
        );
        compared++;
      }
    }
    assert.ok(compared > 300, `${compared} compared`);
  });

  test("what is taken by one who waited", async () => {
    for (const [start, waiting, waking] of waits) {
      await real.run([["FLUSHALL"], start.split(" ")]);
      const client = await Client.connect({ port: real.port });
      client.send(encodeRequest(waiting.split(" ")));
      let info = "";
      while (!info.includes("blocked_clients:1")) {
        [info] = (await ask(real, ["INFO", "clients"])) as [string];
      }
      const written = readFile(directory).length;
      await real.run([waking.split(" ")]);
      await client.next();
      client.destroy();
      const theirs = readFile(directory).slice(written);

      const nowMs = Date.now();
      const harness = new EngineHarness(commands, { nowMs });
      const { session } = harness;
      harness.run(...start.split(" "));
      harness.runBytes(...waiting.split(" "));
      const recorder = new PropagationRecorder(harness.engine);
      harness.session = harness.connect();
      harness.run(...waking.split(" "));
      harness.engine.blocking.serve();
      assert.equal(session.waiter, undefined);
      const ours = alike([waiting], recorder.take(), nowMs);
      assert.deepEqual(ours, alike([waiting], theirs, nowMs), `actual is ours: ${waiting}`);
    }
  });

  /** Runs an example in Redis; the lines of its file by request, or by transaction. */
  async function runReal(example: readonly string[], nowMs: number): Promise<string[][]> {
    const requests: string[][] = [];
    for (const group of requestGroups(example)) {
      for (const request of group) requests.push(realWords(request, nowMs));
      requests.push(divider);
    }
    const written = readFile(directory).length;
    const replies = await ask(real, ["SELECT", "0"], ["FLUSHALL"], divider, ...requests);
    for (const [index, request] of requests.entries()) {
      const reply = replies[index + 3];
      const isUnknown = reply instanceof ReplyError && /unknown|syntax/i.test(reply.text);
      assert.ok(!isUnknown, `Redis does not know ${request.join(" ")}`);
    }
    return divided(readFile(directory).slice(written)).slice(1);
  }
});

async function ask(real: RealRedis, ...requests: readonly string[][]): Promise<Reply[]> {
  const replies = await real.run(requests);
  return replies.map((reply) => parseReplies(reply)[0]);
}

/** Requests that are propagated together: those of a transaction, else each by itself. */
function requestGroups(example: readonly string[]): string[][] {
  const groups: string[][] = [];
  let isInTransaction = false;
  for (const request of example) {
    if (isInTransaction) groups.at(-1)!.push(request);
    else groups.push([request]);
    if (request === "MULTI") isInTransaction = true;
    if (request === "EXEC") isInTransaction = false;
  }
  return groups;
}

function runOurs(example: readonly string[], nowMs: number): string[][] {
  const harness = new EngineHarness(commands, { nowMs });
  const recorder = new PropagationRecorder(harness.engine);
  return requestGroups(example).map((group) => {
    for (const request of group) {
      const [name, ms] = request.split(" ");
      if (name === "advance") harness.advance(Number(ms));
      else harness.runBytes(...exampleWords(request, nowMs));
    }
    return recorder.take();
  });
}

/** Time passes in Redis while it sleeps. */
function realWords(request: string, nowMs: number): string[] {
  const [name, ms] = request.split(" ");
  return name === "advance"
    ? ["DEBUG", "SLEEP", String(Number(ms) / 1000)]
    : exampleWords(request, nowMs);
}

/** The commands of the file that is being appended to, as lines, each with its database. */
function readFile(directory: string): string[] {
  const name = readdirSync(directory).find((each) => each.endsWith(".incr.aof"))!;
  let database = "0";
  const lines: string[] = [];
  for (const words of parseReplies(readFileSync(join(directory, name))) as string[][]) {
    if (words[0] === "SELECT") database = words[1];
    else lines.push(`${database} ${shownWords(words)}`);
  }
  return lines;
}

/** Lines between dividers. */
function divided(lines: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (line.endsWith(dividerLine)) parts.push([]);
    else parts.at(-1)!.push(line);
  }
  return parts;
}

/** The lines with what is different on purpose made the same. */
function alike(
  requests: readonly string[],
  lines: readonly string[],
  nowMs: number,
): readonly string[] {
  let same: readonly string[] = lines.map((line) => withoutClock(capitalised(line), nowMs));
  for (const { request, alike: make } of differences) {
    if (requests.some((each) => request.test(each))) same = make(same);
  }
  return same;
}

/** Redis writes some names that it puts in in lower case. */
function capitalised(line: string): string {
  return line.replace(/^(\d+ )(\S+)/, (_, database: string, name: string) => {
    return database + name.toUpperCase();
  });
}

/** Times near now, rounded and counted from there. */
function withoutClock(line: string, nowMs: number): string {
  return line.replaceAll(/\b\d{13}\b/g, (text) => {
    const offset = Number(text) - nowMs;
    if (Math.abs(offset) > dayMs) return text;
    return `now+${Math.round(offset / timeGrainMs)}`;
  });
}
