// What is propagated makes the same data elsewhere: for every command that writes, with every
// option, and for all of them mixed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/bytes/random.ts";
import { commands } from "../../src/commands/commands.ts";
import type { CommandDeclaration } from "../../src/engine/command.ts";
import type { Session } from "../../src/engine/session.ts";
import type { Word } from "../../src/engine/word.ts";
import { expireSlice } from "../../src/keyspace/expiry.ts";
import { expireFieldsSlice } from "../../src/keyspace/hash-expire.ts";
import { EngineHarness } from "../support/engine-harness.ts";
import { PropagationPair } from "../support/propagation-pair.ts";
import { writeExamples } from "../support/write-examples.ts";

const seed = Number(process.env["REPLAY_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const mixedRequests = 10_000;
const mixedSessions = 4;
/** Requests between two comparisons. */
const comparedEvery = 40;

test("every example leaves the same data in a copy", () => {
  for (const example of writeExamples) {
    const pair = new PropagationPair();
    for (const request of example) {
      pair.run(request);
      pair.compare();
    }
  }
});

test("the time of a delivery is the primary's, whose clock may be ahead", () => {
  const replica = new EngineHarness(commands);
  replica.session.isReplay = true;
  const aheadMs = replica.nowMs + 5000;
  replica.run("XADD", "x", "1-1", "f", "v");
  replica.run("XGROUP", "CREATE", "x", "g", "0");
  replica.run("XCLAIM", "x", "g", "c", "0", "1-1", "TIME", aheadMs, "FORCE", "JUSTID");
  const full = replica.run("XINFO", "STREAM", "x", "FULL");
  assert.ok(JSON.stringify(full).includes(String(aheadMs)), JSON.stringify(full));
});

interface Written {
  /** In capitals; of a subcommand with its container's. */
  readonly name: string;
  readonly declaration: CommandDeclaration;
}

const written: readonly Written[] = commands
  .flatMap((each): Written[] => {
    const own = { name: each.name, declaration: each };
    const subs = each.subcommands ?? [];
    return [own].concat(
      subs.map((sub) => ({ name: `${each.name} ${sub.name}`, declaration: sub })),
    );
  })
  // MIGRATE deletes when another server has answered: test/server/migrate.test.ts.
  .filter(({ name, declaration }) => declaration.flags.includes("write") && name !== "MIGRATE");

test("every command that writes has an example in which it is propagated", () => {
  const propagating = new Set<string>();
  for (const example of writeExamples) {
    const pair = new PropagationPair();
    for (const request of example) {
      if (pair.run(request).length > 0) propagating.add(request);
    }
  }
  const missing = written.filter(({ name }) => {
    return ![...propagating].some((request) => request.startsWith(`${name} `) || request === name);
  });
  assert.deepEqual(
    missing.map(({ name }) => name),
    [],
  );
});

test("every option of a command that writes has an example", () => {
  const requests = writeExamples.flat();
  const missing: string[] = [];
  for (const { name, declaration } of written) {
    const own = requests.filter((request) => request.startsWith(`${name} `));
    for (const token of tokensOf(declaration.words)) {
      // Units of distance: km stands for all.
      if (token === token.toLowerCase()) continue;
      const isUsed = own.some((request) => request.split(" ").slice(1).includes(token));
      if (!isUsed) missing.push(`${name} ${token}`);
    }
  }
  assert.deepEqual(missing, []);
});

function tokensOf(words: readonly Word[]): string[] {
  return words.flatMap((word) => [
    ...(word.token === undefined ? [] : [word.token]),
    ...tokensOf(word.children ?? []),
  ]);
}

test("all of them mixed leave the same data in a copy", () => {
  const pair = new PropagationPair(seed);
  const { primary } = pair;
  const random = seededRandom(seed);
  const requests = writeExamples.flat().filter((each) => !each.startsWith("advance"));
  const sessions = Array.from({ length: mixedSessions }, () => primary.connect());
  try {
    for (let done = 1; done <= mixedRequests; done++) {
      const session = readySession(pair, sessions, random.below(mixedSessions));
      pair.run(requests[random.below(requests.length)], session);
      if (random.below(5) === 0) pair.run(`advance ${1 + random.below(60)}`);
      if (random.below(50) === 0) expireSome(pair, random.below(16));
      if (done % comparedEvery === 0) pair.compare();
    }
  } catch (error) {
    console.error(`REPLAY_SEED=${seed}`);
    throw error;
  }
});

/** The session of that number; one that waits gives up first. */
function readySession(pair: PropagationPair, sessions: Session[], index: number): Session {
  const session = sessions[index];
  if (session.waiter === undefined) return session;
  pair.primary.engine.blocking.endInVain(session.waiter);
  return session;
}

/** What a server does between requests. */
function expireSome(pair: PropagationPair, database: number): void {
  const db = pair.primary.keyspace.databases[database];
  expireSlice(db, 10, { sampled: 0, expired: 0 });
  expireFieldsSlice(db, 10, { sampled: 0, expired: 0 });
  pair.replay();
}
