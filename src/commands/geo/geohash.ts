import { command } from "../../engine/command.ts";
import { key, many, optional, string } from "../../engine/word.ts";
import {
  cellBits,
  cellOf,
  decodeScore,
  standardLatitudeMax,
  stepsMax,
} from "../../keyspace/geo-hash.ts";
import { recordType } from "../../keyspace/record.ts";
import { zsetScore } from "../../keyspace/zset.ts";
import { noRef } from "../../memory/arena.ts";

const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
/**
 * Letters that 52 bits fill; an eleventh, which has too few bits, is always the first of the
 * alphabet.
 */
const fullLetters = 10;
const place = { longitude: 0, latitude: 0 };

export const geohash = command({
  name: "GEOHASH",
  summary: "Replies with the standard geohash texts of places.",
  since: "3.2.0",
  group: "geo",
  complexity: "O(1) for each member.",
  flags: ["readonly"],
  words: [key("key", "RO access"), optional(many(string("member")))],
  optionsAt: 0,

  run({ args, db, reply }) {
    const ref = db.readOfType(args, 1, recordType.zset);
    reply.array(args.count - 2);
    for (let index = 2; index < args.count; index++) {
      const score = ref === noRef ? NaN : zsetScore(db.keyspace, ref, args, index);
      if (Number.isNaN(score)) reply.nil();
      else reply.bulkLatin1(textOf(score));
    }
  },
});

function textOf(score: number): string {
  decodeScore(score, place);
  const cell = cellOf(place.longitude, place.latitude, stepsMax, standardLatitudeMax);
  let bits = cellBits(cell);
  // The last two of the 52 bits are in no letter.
  bits = Math.floor(bits / 4);
  let text = alphabet[0];
  for (let left = fullLetters; left > 0; left--) {
    const rest = Math.floor(bits / 32);
    text = alphabet[bits - rest * 32] + text;
    bits = rest;
  }
  return text;
}
