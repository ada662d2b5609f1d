import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import type { ExpiryUnit } from "../../engine/argument.ts";
import { expiryUnits, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key, oneOf, optional, token, unixTime } from "../../engine/word.ts";
import { readAndDeleteFields, readAndExpireFields } from "../../keyspace/hash-expire.ts";
import {
  countNotPositive,
  fieldTimeArgument,
  fieldsArgument,
  fieldsWords,
} from "./field-arguments.ts";
import { ValueReply } from "./value-reply.ts";

const persistWord = asciiBytes("persist");
/** The options that give fields a time. */
export const timeWords: readonly { readonly word: Uint8Array; readonly unit: ExpiryUnit }[] = [
  { word: asciiBytes("ex"), unit: expiryUnits.ex },
  { word: asciiBytes("px"), unit: expiryUnits.px },
  { word: asciiBytes("exat"), unit: expiryUnits.exat },
  { word: asciiBytes("pxat"), unit: expiryUnits.pxat },
];

const replies = new ValueReply();

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

  run({ args, db, reply }) {
    const change = timeChange(args, db.keyspace.nowMs);
    const first = fieldsArgument(args, 2 + wordsOf(args), countNotPositive);
    replies.to = reply;
    reply.array(args.count - first);
    readAndExpireFields(db, args, 1, first, change, replies);
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

  run({ args, db, reply }) {
    const first = fieldsArgument(args, 2, countNotPositive);
    replies.to = reply;
    reply.array(args.count - first);
    readAndDeleteFields(db, args, 1, first, replies);
  },
});
