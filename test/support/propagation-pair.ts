// Two engines, of which one gets all that the other propagates: a copy that never expires anything
// by itself and whose clock goes an hour ahead, so that whatever is not said to it, or said in
// times relative to now, makes it another data set.
import assert from "node:assert/strict";
import { commands } from "../../src/commands/commands.ts";
import type { Session } from "../../src/engine/session.ts";
import { keyspaceDigest } from "../../src/keyspace/digest.ts";
import { EngineHarness } from "./engine-harness.ts";
import { PropagationRecorder, shownWords } from "./propagation-recorder.ts";
import type { Propagated } from "./propagation-recorder.ts";
import type { Reply } from "./reply.ts";
import { ReplyError } from "./reply.ts";
import { exampleWords } from "./write-examples.ts";

const hourMs = 3_600_000;
/** Lines of what led to a difference that a failure shows. */
const shownHistory = 60;
/** Times that say when somebody came by, which are not propagated. */
const unpropagatedTimes = new Set(["seen-time", "active-time"]);

export class PropagationPair {
  readonly primary: EngineHarness;
  readonly #copy: EngineHarness;
  readonly #recorder: PropagationRecorder;
  readonly #history: string[] = [];
  /** What the copy has selected. */
  #database = 0;

  constructor(seed = 1) {
    this.primary = new EngineHarness(commands, { seed });
    this.#copy = new EngineHarness(commands, { seed: seed + 1 });
    this.#copy.keyspace.expires = false;
    this.#recorder = new PropagationRecorder(this.primary.engine);
  }

  /** Runs a line of an example in the session; what it is propagated as. */
  run(request: string, session: Session = this.primary.session): readonly Propagated[] {
    const { primary } = this;
    this.#history.push(`> ${request}`);
    if (request.startsWith("advance ")) {
      primary.advance(Number(request.slice("advance ".length)));
      return [];
    }
    primary.session = session;
    primary.runBytes(...exampleWords(request, primary.nowMs));
    if (primary.engine.blocking.hasReady) primary.engine.blocking.serve();
    return this.replay();
  }

  /** Gives the copy what has been propagated since. */
  replay(): readonly Propagated[] {
    const recorded = this.#recorder.takeAll();
    const copy = this.#copy;
    copy.nowMs = this.primary.nowMs + hourMs;
    copy.advance(0);
    for (const { database, words } of recorded) {
      this.#history.push(`  ${database} ${shownWords(words)}`);
      // Also within a transaction: the databases of its commands may differ.
      if (database !== this.#database) copy.run("SELECT", database);
      this.#database = database;
      const reply = copy.run(...words);
      if (hasError(reply)) assert.fail(`${shownReply(reply)} to the last of\n${this.told()}`);
    }
    return recorded;
  }

  /** What was run and what it was propagated as. */
  told(): string {
    return this.#history.slice(-shownHistory).join("\n");
  }

  /** Fails unless both have the same data, which expire at the same times. */
  compare(): void {
    const facts = factsOf(this.primary);
    assert.deepEqual(factsOf(this.#copy), facts, `after\n${this.told()}`);
  }
}

/** The digest, when keys and fields expire, what streams have besides entries, and functions. */
export function factsOf(harness: EngineHarness): Record<string, unknown> {
  const { keyspace, session } = harness;
  harness.session = harness.connect();
  // Nothing is over its time in 1970: what has expired and was not looked at is there, too.
  keyspace.setTime(0);
  const facts: Record<string, unknown> = {
    digest: keyspaceDigest(keyspace),
    functions: harness.run("FUNCTION", "LIST", "WITHCODE"),
  };
  for (const database of keyspace.databases) {
    if (database.size === 0) continue;
    harness.session.db = database;
    for (const key of harness.run("KEYS", "*") as string[]) {
      facts[`${database.index} ${key}`] = keyFacts(harness, key);
    }
  }
  harness.engine.removeSession(harness.session);
  harness.session = session;
  harness.advance(0);
  return facts;
}

function keyFacts(harness: EngineHarness, key: string): unknown[] {
  const type = harness.run("TYPE", key);
  const facts: unknown[] = [type, harness.run("PEXPIRETIME", key)];
  if (type === "hash") {
    const fields = (harness.run("HKEYS", key) as string[]).sort();
    facts.push(fields, harness.run("HPEXPIRETIME", key, "FIELDS", fields.length, ...fields));
  }
  if (type === "stream") {
    facts.push(withoutTimes(harness.run("XINFO", "STREAM", key, "FULL", "COUNT", 0)));
  }
  return facts;
}

function withoutTimes(reply: Reply): unknown {
  if (!Array.isArray(reply)) return reply;
  return reply.flatMap((each, index) => {
    const name = index % 2 === 0 ? each : reply[index - 1];
    const isTime = typeof name === "string" && unpropagatedTimes.has(name);
    return isTime ? [] : [withoutTimes(each)];
  });
}

function hasError(reply: Reply): boolean {
  if (Array.isArray(reply)) return reply.some((each) => hasError(each));
  return reply instanceof ReplyError;
}

function shownReply(reply: Reply): string {
  return JSON.stringify(reply);
}
