import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slice, Slices } from "../../bytes/slices.ts";
import type { ExpiryUnit } from "../../engine/argument.ts";
import { expiryUnits, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, oneOf, optional, token, unixTime } from "../../engine/word.ts";
import { readAndDeleteFields, readAndExpireFields } from "../../keyspace/hash-expire.ts";
import { recordType } from "../../keyspace/record.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import {
  countNotPositive,
  fieldTimeArgument,
  fieldsArgument,
  fieldsWords,
} from "./field-arguments.ts";
import { propagateFields } from "./field-propagation.ts";
import { ValueReply } from "./value-reply.ts";

const persistWord = asciiBytes("persist");
/** The options that give fields a time. */
export const timeWords: readonly { readonly word: Uint8Array; readonly unit: ExpiryUnit }[] = [
  { word: asciiBytes("ex"), unit: expiryUnits.ex },
  { word: asciiBytes("px"), unit: expiryUnits.px },
  { word: asciiBytes("exat"), unit: expiryUnits.exat },
  { word: asciiBytes("pxat"), unit: expiryUnits.pxat },
];

/** Replies with values and notes which fields are there: they are what is propagated. */
class FoundReply extends ValueReply {
  /** Their argument indexes. */
  readonly found: number[] = [];
  #next = 0;

  /** `first` is the index of the first field. */
  begin(reply: ReplyWriter, first: number): void {
    this.to = reply;
    this.found.length = 0;
    this.#next = first;
  }

  override present(value: Slice): void {
    super.present(value);
    this.found.push(this.#next++);
  }

  override absent(): void {
    super.absent();
    this.#next++;
  }
}

const replies = new FoundReply();

export const hgetex = command({
  name: "HGETEX",
  summary: "Replies with the values of fields and may change when the fields expire.",
  since: "8.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "fast"],
  words: [
    key("key", "RW access update"),
    optional(
      oneOf("expiration", [
        integer("seconds", { token: "EX" }),
        integer("milliseconds", { token: "PX" }),
        unixTime("unix-time-seconds", { token: "EXAT" }),
        unixTime("unix-time-milliseconds", { token: "PXAT" }),
        token("persist"),
      ]),
    ),
    fieldsWords,
  ],
  optionsAt: 0,

  run({ args, db, reply, engine }) {
    const { propagation } = engine;
    const { keyspace } = db;
    // The type of the key is looked at before the rest of the request.
    db.writeOfType(args, 1, recordType.hash);
    const change = timeChange(args, keyspace.nowMs);
    const first = fieldsArgument(args, 2 + wordsOf(args), countNotPositive);
    replies.begin(reply, first);
    reply.array(args.count - first);
    const { dirty } = keyspace;
    readAndExpireFields(db, args, 1, first, change, replies);
    // Deletions of fields, because their time is over now or was before, are propagated already.
    propagation.suppress();
    const isPast = change !== "none" && change >= 0 && change <= keyspace.nowMs;
    if (keyspace.dirty === dirty || change === "none" || replies.found.length === 0) return;
    if (isPast && keyspace.expires) return;
    propagation.begin(db, (change < 0 ? 4 : 5) + replies.found.length);
    propagation.text(change < 0 ? "HPERSIST" : "HPEXPIREAT").argument(args, 1);
    if (change >= 0) propagation.number(change);
    propagateFields(propagation, args, replies.found);
  },
});

/** Arguments that the option before FIELDS takes. */
function wordsOf(args: Slices): number {
  if (isArgument(args, 2, persistWord)) return 1;
  return timeWords.some(({ word }) => isArgument(args, 2, word)) ? 2 : 0;
}

/** What becomes of the fields' times: -1 takes them away. */
function timeChange(args: Slices, nowMs: number): number | "none" {
  if (isArgument(args, 2, persistWord)) return -1;
  const found = timeWords.find(({ word }) => isArgument(args, 2, word));
  return found === undefined ? "none" : fieldTimeArgument(args, 3, found.unit, nowMs, "hgetex");
}

export const hgetdel = command({
  name: "HGETDEL",
  summary: "Replies with the values of fields and deletes the fields.",
  since: "8.0.0",
  group: "hash",
  complexity: "O(N) for N fields.",
  flags: ["write", "fast"],
  words: [key("key", "RW access delete"), fieldsWords],
  optionsAt: 0,

  run({ args, db, reply, engine }) {
    const { propagation } = engine;
    db.writeOfType(args, 1, recordType.hash);
    const first = fieldsArgument(args, 2, countNotPositive);
    replies.begin(reply, first);
    reply.array(args.count - first);
    readAndDeleteFields(db, args, 1, first, replies);
    propagation.suppress();
    if (replies.found.length === 0) return;
    propagation
      .begin(db, 2 + replies.found.length)
      .text("HDEL")
      .argument(args, 1);
    for (const field of replies.found) propagation.argument(args, field);
  },
});
