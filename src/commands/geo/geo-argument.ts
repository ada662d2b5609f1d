// Arguments and replies that the commands on places share.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { doubleArgument, isArgument } from "../../engine/argument.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { GeoPlace } from "../../keyspace/geo-hash.ts";
import { latitudeMax, longitudeMax } from "../../keyspace/geo-hash.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { oneOf, token } from "../../engine/word.ts";

const unknownUnit = new Failure("ERR unsupported unit provided. please use M, KM, FT, MI");

const unitWords: readonly (readonly [Uint8Array, number])[] = [
  [asciiBytes("m"), 1],
  [asciiBytes("km"), 1000],
  [asciiBytes("ft"), 0.3048],
  [asciiBytes("mi"), 1609.34],
];

/** The word for a unit in a command's declaration. */
export const unitWord = oneOf("unit", [
  token("m", { token: "m" }),
  token("km", { token: "km" }),
  token("ft", { token: "ft" }),
  token("mi", { token: "mi" }),
]);

/** Meters in the unit that the argument names. */
export function unitArgument(args: Slices, index: number): number {
  for (const [word, meters] of unitWords) if (isArgument(args, index, word)) return meters;
  throw unknownUnit;
}

/** The place that two arguments name, the longitude first. */
export function placeArguments(args: Slices, index: number): GeoPlace {
  const longitude = doubleArgument(args, index);
  const latitude = doubleArgument(args, index + 1);
  if (Math.abs(longitude) > longitudeMax || Math.abs(latitude) > latitudeMax) {
    const pair = `${formatFixed(longitude)},${formatFixed(latitude)}`;
    throw new Failure(`ERR invalid longitude,latitude pair ${pair}`);
  }
  return { longitude, latitude };
}

/** What C's `%f` prints. */
function formatFixed(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

/** A distance with four decimals, ties to even, a bulk string in both protocols. */
export function replyDistance(reply: ReplyWriter, distance: number): void {
  const scaled = roundToEven(distance * 10_000);
  const digits = BigInt(scaled).toString().padStart(5, "0");
  reply.bulkLatin1(`${digits.slice(0, -4)}.${digits.slice(-4)}`);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Longitude and latitude, each with up to 17 decimals. */
export function replyPlace(reply: ReplyWriter, place: GeoPlace): void {
  reply.array(2);
  replyCoordinate(reply, place.longitude);
  replyCoordinate(reply, place.latitude);
}

function replyCoordinate(reply: ReplyWriter, value: number): void {
  const text = value.toFixed(17).replace(/\.?0+$/, "");
  if (reply.protocol === 2) reply.bulkLatin1(text);
  else reply.raw(`,${text}\r\n`);
}
