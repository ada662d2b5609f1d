import { asciiBytes } from "../../bytes/ascii.ts";
import { parseInteger } from "../../bytes/integer.ts";
import { Slice } from "../../bytes/slices.ts";
import type { Slices } from "../../bytes/slices.ts";
import { exactIntegerArgument, isArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { FoundKeys } from "../../engine/key-finder.ts";
import {
  block,
  integer,
  key,
  many,
  manyTokens,
  oneOf,
  optional,
  string,
  token,
} from "../../engine/word.ts";
import type { FieldType, Overflow } from "../../keyspace/bitfield.ts";
import { addToField, fitField, readField, writeField } from "../../keyspace/bitfield.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { openString, readString } from "../../keyspace/string.ts";
import { bitOffsetArgument } from "./bit-argument.ts";

const typeInvalid = new Failure(
  "ERR Invalid bitfield type. Use something like i16 u8. " +
    "Note that u64 is not supported but i64 is.",
);
const overflowInvalid = new Failure("ERR Invalid OVERFLOW type specified");
const onlyGet = new Failure("ERR BITFIELD_RO only supports the GET subcommand");
const get = asciiBytes("get");
const set = asciiBytes("set");
const incrby = asciiBytes("incrby");
const overflowWord = asciiBytes("overflow");
const overflows: readonly (readonly [Uint8Array, Overflow])[] = [
  [asciiBytes("wrap"), "wrap"],
  [asciiBytes("sat"), "sat"],
  [asciiBytes("fail"), "fail"],
];
const two63 = 2n ** 63n;
const two64 = 2n ** 64n;
const letterI = 0x69;
const letterU = 0x75;

interface FieldOperation {
  readonly kind: "get" | "set" | "incrby";
  readonly type: FieldType;
  readonly offset: number;
  readonly value: number | bigint;
  readonly overflow: Overflow;
}

const getBlock = block("get-block", [string("encoding"), integer("offset")], { token: "GET" });

export const bitfield = command({
  name: "BITFIELD",
  summary: "Reads and changes integers of any width within a string.",
  since: "3.2.0",
  group: "bitmap",
  complexity: "O(1) for each operation.",
  flags: ["write", "denyoom"],
  words: [
    key("key", "RW update access variable_flags"),
    optional(
      many(
        oneOf("operation", [
          getBlock,
          block("write", [
            optional(
              oneOf("overflow-block", [token("wrap"), token("sat"), token("fail")], {
                token: "OVERFLOW",
              }),
            ),
            oneOf("write-operation", [
              block("set-block", [string("encoding"), integer("offset"), integer("value")], {
                token: "SET",
              }),
              block("incrby-block", [string("encoding"), integer("offset"), integer("increment")], {
                token: "INCRBY",
              }),
            ]),
          ]),
        ]),
      ),
    ),
  ],
  optionsAt: 0,
  findKeys: findFieldKey,

  run(context) {
    runOperations(context, parseOperations(context));
  },
});

export const bitfieldRo = command({
  name: "BITFIELD_RO",
  summary: "Reads integers of any width within a string.",
  since: "6.0.0",
  group: "bitmap",
  complexity: "O(1) for each operation.",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), optional(manyTokens(getBlock))],
  optionsAt: 0,

  run(context) {
    const operations = parseOperations(context);
    if (operations.some((each) => each.kind !== "get")) throw onlyGet;
    runOperations(context, operations);
  },
});

const readAccess = ["RO", "ACCESS"];
const writeAccess = ["RW", "ACCESS", "UPDATE"];

/** A request that only gets does not write; one that makes no sense might. */
function findFieldKey(args: Slices, found: FoundKeys): void {
  let at = 2;
  while (at < args.count) {
    const more = args.count - at - 1;
    if (more >= 2 && isArgument(args, at, get)) at += 3;
    else if (more >= 1 && isArgument(args, at, overflowWord)) at += 2;
    else break;
  }
  found.add(1, at < args.count ? writeAccess : readAccess);
}

function parseOperations({ args, db }: Context): FieldOperation[] {
  const operations: FieldOperation[] = [];
  let overflow: Overflow = "wrap";
  for (let at = 2; at < args.count;) {
    const more = args.count - at - 1;
    if (more >= 1 && isArgument(args, at, overflowWord)) {
      overflow = overflowArgument(args, at + 1);
      at += 2;
      continue;
    }
    const kind = kindAt(args, at, more);
    const type = typeArgument(args, at + 1);
    const offset = bitOffsetArgument(args, at + 2, db.keyspace.stringBytesMax, type.bits);
    const value = kind === "get" ? 0 : exactIntegerArgument(args, at + 3);
    operations.push({ kind, type, offset, value, overflow });
    at += kind === "get" ? 3 : 4;
  }
  return operations;
}

function kindAt(args: Slices, at: number, more: number): FieldOperation["kind"] {
  if (more >= 2 && isArgument(args, at, get)) return "get";
  if (more >= 3 && isArgument(args, at, set)) return "set";
  if (more >= 3 && isArgument(args, at, incrby)) return "incrby";
  throw syntaxError;
}

function overflowArgument(args: Slices, index: number): Overflow {
  for (const [word, overflow] of overflows) if (isArgument(args, index, word)) return overflow;
  throw overflowInvalid;
}

function typeArgument(args: Slices, index: number): FieldType {
  const start = args.offsets[index];
  const letter = args.lengths[index] > 0 ? args.bytes[start] : 0;
  const bits = parseInteger(args.bytes, start + 1, args.lengths[index] - 1);
  const isSigned = letter === letterI;
  if (!isSigned && letter !== letterU) throw typeInvalid;
  if (!(bits >= 1 && bits <= (isSigned ? 64 : 63))) throw typeInvalid;
  return { isSigned, bits };
}

function runOperations({ args, db, reply }: Context, operations: readonly FieldOperation[]): void {
  const slice = new Slice();
  let bytes = 0;
  for (const { kind, offset, type } of operations) {
    const last = Math.floor((offset + type.bits - 1) / 8);
    if (kind !== "get") bytes = Math.max(bytes, last + 1);
  }
  let hasGrown = false;
  if (bytes === 0) readString(db, args, 1, slice);
  else hasGrown = openString(db, args, 1, bytes, slice);
  let changes = 0;
  reply.array(operations.length);
  for (const operation of operations) {
    const { type, offset, kind } = operation;
    const old = readField(slice, offset, type);
    if (kind === "get") {
      reply.integer(old);
      continue;
    }
    const next = nextValue(operation, old);
    if (next === undefined) {
      reply.nil();
      continue;
    }
    writeField(slice, offset, type.bits, next);
    reply.integer(kind === "set" ? old : next);
    // Not by identity: one of them may be a BigInt.
    if (hasGrown || BigInt(old) !== BigInt(next)) changes++;
  }
  if (changes === 0) return;
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[1], args.lengths[1], keyEvents.setbit);
  keyspace.dirty += changes - 1;
}

function nextValue(operation: FieldOperation, old: number | bigint): number | bigint | undefined {
  const { kind, type, value, overflow } = operation;
  if (kind === "incrby") return fitField(addToField(old, value), type, overflow);
  return fitField(isBeyond(value, type) ? BigInt(value) + two64 : value, type, overflow);
}

/**
 * Whether Redis's arithmetic takes a negative number for one that is too large: any, for an
 * unsigned field; one that is so small that its distance from the largest does not fit 64 bits, for
 * a signed one. It matters when the field is to become the nearest it can hold.
 */
function isBeyond(value: number | bigint, { isSigned, bits }: FieldType): boolean {
  if (!isSigned) return value < 0;
  return bits < 64 && value < 0 && 2n ** BigInt(bits - 1) - BigInt(value) > two63;
}
