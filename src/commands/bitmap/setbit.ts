import { integerArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { integer, key } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { openString, readString } from "../../keyspace/string.ts";
import { bitOffsetArgument } from "./bit-argument.ts";

const notBit = new Failure("ERR bit is not an integer or out of range");

export const setbit = command({
  name: "SETBIT",
  summary: "Sets one bit of a string, lengthening it with zero bytes if need be.",
  since: "2.2.0",
  group: "bitmap",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  words: [key("key", "RW access update"), integer("offset"), integer("value")],

  run({ args, db, reply }) {
    const { keyspace } = db;
    const offset = bitOffsetArgument(args, 2, keyspace.stringBytesMax);
    const bit = integerArgument(args, 3, notBit);
    if (bit !== 0 && bit !== 1) throw notBit;
    const { value } = keyspace;
    const place = Math.floor(offset / 8);
    const hasGrown = openString(db, args, 1, place + 1, value);
    const shift = 7 - (offset % 8);
    const at = value.offset + place;
    const old = (value.bytes[at] >>> shift) & 1;
    if (hasGrown || old !== bit) {
      value.bytes[at] = (value.bytes[at] & ~(1 << shift)) | (bit << shift);
      keyspace.changed(db, args.bytes, args.offsets[1], args.lengths[1], keyEvents.setbit);
    }
    reply.integer(old);
  },
});

export const getbit = command({
  name: "GETBIT",
  summary: "Replies with one bit of a string; behind its end all are 0.",
  since: "2.2.0",
  group: "bitmap",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  words: [key("key", "RO access"), integer("offset")],

  run({ args, db, reply }) {
    const offset = bitOffsetArgument(args, 2, db.keyspace.stringBytesMax);
    const { value } = db.keyspace;
    const place = Math.floor(offset / 8);
    const isInside = readString(db, args, 1, value) && place < value.length;
    reply.integer(isInside ? (value.bytes[value.offset + place] >>> (7 - (offset % 8))) & 1 : 0);
  },
});
