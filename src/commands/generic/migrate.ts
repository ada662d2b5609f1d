// MIGRATE: keys move to another server. Each is sent as RESTORE would take it, and deleted here
// when the other side has said that it has it. Until then everybody else waits, as in Redis, where
// the server does nothing else meanwhile: what is written to a key on its way would be lost. Redis
// differs: there it may be part of a transaction, and the timeout is for each step by itself.
import type { Slices } from "../../bytes/slices.ts";
import { slicesOf } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import type { FoundKeys } from "../../engine/key-finder.ts";
import { encodeMessage } from "../../engine/message.ts";
import type { PeerFailure } from "../../engine/peer-control.ts";
import type { KeySpec } from "../../engine/syntax.ts";
import { block, integer, key, many, oneOf, optional, string, token } from "../../engine/word.ts";
import type { Database } from "../../keyspace/database.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { deleteKey } from "../../keyspace/keys.ts";
import { expiryOf, hasExpiry } from "../../keyspace/record.ts";
import { noRef } from "../../memory/arena.ts";
import { encodePayload } from "../../persistence/dump-payload.ts";
import { RdbWriter } from "../../persistence/rdb-writer.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

const wrongKeyArgument = new Failure(
  "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
);
const notAtOnce = new Failure("ERR MIGRATE cannot be part of a transaction or a script here");
const failures: Readonly<Record<PeerFailure, Failure>> = {
  connecting: new Failure("IOERR error or timeout connecting to the client"),
  talking: new Failure("IOERR error or timeout reading from target instance"),
};
const timeoutMsDefault = 1000;
const firstOption = 6;
const keysWord = Buffer.from("keys");
const copyWord = Buffer.from("copy");
const replaceWord = Buffer.from("replace");
const authWord = Buffer.from("auth");
const auth2Word = Buffer.from("auth2");

const keySpec: KeySpec = {
  flags: ["RW", "ACCESS", "DELETE"],
  begin: { index: 3 },
  find: { lastKey: 0, step: 1, limit: 0 },
};
const keysSpec: KeySpec = {
  flags: ["RW", "ACCESS", "DELETE", "INCOMPLETE"],
  begin: { keyword: "KEYS", startFrom: -2 },
  find: { lastKey: -1, step: 1, limit: 0 },
};

export const migrate = command({
  name: "MIGRATE",
  summary: "Moves keys to another server.",
  since: "2.6.0",
  group: "generic",
  complexity: "That of DUMP and DEL here and of RESTORE there, and O(N) to send N bytes.",
  flags: ["write"],
  categories: ["dangerous"],
  tips: ["nondeterministic_output"],
  history: [
    ["3.0.0", "Learnt COPY and REPLACE."],
    ["3.0.6", "Learnt KEYS."],
    ["4.0.7", "Learnt AUTH."],
    ["6.0.0", "Learnt AUTH2."],
  ],
  words: [
    string("host"),
    integer("port"),
    oneOf("key-selector", [
      key("key", "RW access delete", { keySpec: 0 }),
      token("empty-string", { token: '""' }),
    ]),
    integer("destination-db"),
    integer("timeout"),
    optional(token("copy", { since: "3.0.0" })),
    optional(token("replace", { since: "3.0.0" })),
    optional(
      oneOf("authentication", [
        string("auth", { token: "AUTH", since: "4.0.7", display: "password" }),
        block("auth2", [string("username"), string("password")], {
          token: "AUTH2",
          since: "6.0.0",
        }),
      ]),
    ),
    optional(
      many(
        key("keys", "RW access delete incomplete", {
          token: "KEYS",
          since: "3.0.6",
          display: "key",
          keySpec: 1,
        }),
      ),
    ),
  ],
  optionsAt: 0,
  keySpecs: [keySpec, keysSpec],
  findKeys: findMigratedKeys,
  secretArguments: (args) => parse(args).secrets,

  run(context) {
    const { args, db, reply, session, engine } = context;
    const words = parse(args);
    if (words.failure !== undefined) throw words.failure;
    const given = integerArgument(args, 5);
    const timeoutMs = given <= 0 ? timeoutMsDefault : given;
    const port = integerArgument(args, 2);
    const database = integerArgument(args, 4);
    if (engine.isInTransaction || session.isReplay) throw notAtOnce;
    const keys = words.keys.filter((index) => db.read(args, index) !== noRef);
    if (keys.length === 0) {
      reply.simple("NOKEY");
      return;
    }
    const requests = [
      ...(words.auth.length === 0 ? [] : [encodeMessage(["AUTH", ...words.auth], 2)]),
      encodeMessage(["SELECT", String(database)], 2),
      ...keys.map((index) => restoreRequest(context, index, words.isReplacing)),
    ];
    const migration = new Migration(engine, db, {
      keys: keys.map((index) => args.copy(index)),
      isCopy: words.isCopy,
      deadlineMs: db.keyspace.nowMs + timeoutMs,
      repliesBeforeKeys: requests.length - keys.length,
    });
    migration.begin(args.latin1(1), port, requests);
    engine.block(context, {
      keys: [],
      deadlineMs: migration.deadlineMs,
      retry: (later) => migration.isOver && migration.reply(later.reply),
      timedOut: (to) => migration.giveUp(to),
    });
  },
});

interface MigrateWords {
  readonly keys: readonly number[];
  readonly isCopy: boolean;
  readonly isReplacing: boolean;
  /** The words behind AUTH; none: it does not have to. */
  readonly auth: readonly Uint8Array[];
  /** Indexes of those. */
  readonly secrets: readonly number[];
  readonly failure: Failure | undefined;
}

function parse(args: Slices): MigrateWords {
  const found = { isCopy: false, isReplacing: false, secrets: [] as number[] };
  let keys = [3];
  let failure: Failure | undefined;
  for (let index = firstOption; index < args.count; index++) {
    const left = args.count - index - 1;
    if (isArgument(args, index, copyWord)) found.isCopy = true;
    else if (isArgument(args, index, replaceWord)) found.isReplacing = true;
    else if (isArgument(args, index, authWord) && left >= 1) found.secrets = [++index];
    else if (isArgument(args, index, auth2Word) && left >= 2) {
      found.secrets = [index + 1, index + 2];
      index += 2;
    } else if (isArgument(args, index, keysWord)) {
      if (args.lengths[3] !== 0) failure = wrongKeyArgument;
      keys = Array.from({ length: left }, (_, offset) => index + 1 + offset);
      break;
    } else {
      failure = syntaxError;
      break;
    }
  }
  const auth = found.secrets.map((index) => args.copy(index));
  return { ...found, keys, auth, failure };
}

function findMigratedKeys(args: Slices, found: FoundKeys): void {
  for (const index of parse(args).keys) found.add(index, keySpec.flags);
}

function restoreRequest(
  { args, db, engine }: Context,
  index: number,
  replaces: boolean,
): Uint8Array {
  const { keyspace } = db;
  const ref = db.peek(args, index);
  const writer = new RdbWriter({ compresses: engine.host.settings.rdbcompression });
  encodePayload(keyspace, ref, writer);
  const isVolatile = hasExpiry(keyspace.arena, ref);
  const ttlMs = isVolatile ? Math.max(1, expiryOf(keyspace.arena, ref) - keyspace.nowMs) : 0;
  const payload = writer.buffer.subarray(0, writer.position);
  const words = ["RESTORE", args.copy(index), String(ttlMs), payload];
  return encodeMessage(replaces ? [...words, "REPLACE"] : words, 2);
}

interface MigrationOptions {
  readonly keys: readonly Uint8Array[];
  readonly isCopy: boolean;
  readonly deadlineMs: number;
  /** Replies that come before those to RESTORE. */
  readonly repliesBeforeKeys: number;
}

/** Keys on their way. */
class Migration {
  readonly #engine: Engine;
  readonly #db: Database;
  readonly #options: MigrationOptions;
  isOver = false;
  #replies = 0;
  #failure: Failure | undefined;
  /** The first thing that the other side was not content with. */
  #refusal = "";
  /** Whether a request before the keys' was refused: then none of them counts. */
  #isRefused = false;
  #stop: (() => void) | undefined;

  constructor(engine: Engine, db: Database, options: MigrationOptions) {
    this.#engine = engine;
    this.#db = db;
    this.#options = options;
  }

  get deadlineMs(): number {
    return this.#options.deadlineMs;
  }

  begin(host: string, port: number, requests: readonly Uint8Array[]): void {
    this.#engine.pause.begin("all", this.deadlineMs, "migrate");
    this.#stop = this.#engine.host.peers.ask({
      host,
      port,
      bytes: Buffer.concat(requests),
      replyCount: requests.length,
      replied: (line) => this.#replied(line),
      ended: (failure) => this.#end(failure === undefined ? undefined : failures[failure]),
    });
  }

  #replied(line: string): void {
    const index = this.#replies++ - this.#options.repliesBeforeKeys;
    if (line.startsWith("-")) {
      if (this.#refusal === "") this.#refusal = line.slice(1);
      if (index < 0) this.#isRefused = true;
    } else if (index >= 0 && !this.#isRefused && !this.#options.isCopy) {
      this.#delete(this.#options.keys[index]);
    }
  }

  #delete(name: Uint8Array): void {
    const { propagation } = this.#engine;
    // The pause is over, and others may have changed the key meanwhile.
    if (this.isOver || this.#db.keyspace.nowMs >= this.deadlineMs) return;
    if (!deleteKey(this.#db, slicesOf([name]), 0)) return;
    propagation.begin(this.#db, 2).text("DEL").bytes(name, 0, name.length);
    propagation.flush();
  }

  #end(failure: Failure | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#failure = failure;
    this.#engine.pause.end("migrate");
    this.#engine.blocking.keylessReady();
  }

  /** Writes the reply of one that is over. */
  reply(reply: ReplyWriter): true {
    if (this.#refusal !== "") {
      throw new Failure(`ERR Target instance replied with error: ${this.#refusal}`);
    }
    if (this.#failure !== undefined) throw this.#failure;
    reply.ok();
    return true;
  }

  /** The time is over. */
  giveUp(reply: ReplyWriter): void {
    this.isOver = true;
    this.#stop?.();
    this.#engine.pause.end("migrate");
    reply.failure(this.#replies === 0 ? failures.connecting : failures.talking);
  }
}
