// Places on the globe as scores: a geohash of 52 bits, as src/geohash.c and src/geohash_helper.c of
// Redis compute it.
//
// Longitude and latitude are halved again and again, 26 times each at most; the bits that say which
// half are interleaved, the longitude's above the latitude's. We keep the two as integers of up to
// 26 bits (`GeoCell`) and put them together to a double that is an exact integer of 52 bits, the
// score. A place at the very end of a range has one bit more, in Redis too.

export const longitudeMax = 180;
/** Latitude of the border of the square Mercator map: the poles have no geohash. */
export const latitudeMax = 85.05112878;
/** Latitude's range in the geohashes that others use, and that GEOHASH replies with. */
export const standardLatitudeMax = 90;
export const stepsMax = 26;

const earthRadiusMeters = 6372797.560856;
const mercatorMax = 20037726.37;
const radiansPerDegree = Math.PI / 180;
const two13Mask = 0x1fff;
const two26 = 67108864;
/** Scores below this are decoded with 32-bit arithmetic. */
const plainScoreEnd = 2 ** 54;

/**
 * A rectangle of the map: the ones that `steps` halvings of each axis make, counted from the
 * south-west.
 */
export class GeoCell {
  longitude = 0;
  latitude = 0;
  steps = 0;
}

export interface GeoPlace {
  longitude: number;
  latitude: number;
}

/** The cell of a place; `latitudeLimit` is the end of the latitude's range. */
export function cellOf(
  longitude: number,
  latitude: number,
  steps: number,
  latitudeLimit: number = latitudeMax,
): GeoCell {
  const cell = new GeoCell();
  const scale = 2 ** steps;
  cell.longitude = Math.floor(((longitude + longitudeMax) / (2 * longitudeMax)) * scale);
  cell.latitude = Math.floor(((latitude + latitudeLimit) / (2 * latitudeLimit)) * scale);
  cell.steps = steps;
  return cell;
}

/** The score of a place. */
export function placeScore(longitude: number, latitude: number): number {
  return cellBits(cellOf(longitude, latitude, stepsMax));
}

/** The cell's geohash, of twice as many bits as it has steps. */
export function cellBits({ longitude, latitude }: GeoCell): number {
  const low = spreadBits(latitude & two13Mask) | (spreadBits(longitude & two13Mask) << 1);
  const high = spreadBits(latitude >>> 13) | (spreadBits(longitude >>> 13) << 1);
  return high * two26 + low;
}

/** The lowest score in the cell; `beyond` 1 instead of 0 gives the lowest behind it. */
export function cellScore(cell: GeoCell, beyond: number): number {
  return (cellBits(cell) + beyond) * 2 ** (2 * (stepsMax - cell.steps));
}

/** Puts a zero before each of 16 bits. */
function spreadBits(value: number): number {
  let bits = value;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** Takes every other of 32 bits, from the lowest. */
function gatherBits(value: number): number {
  let bits = value & 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0x0000ffff;
}

/** Sets `place` to the middle of the cell that a score stands for. */
export function decodeScore(score: number, place: GeoPlace): void {
  const isPlain = score >= 0 && score < plainScoreEnd;
  const bits = isPlain ? Math.floor(score) : Number(unusualBits(score) & 0x3fffffffffffffn);
  const high = Math.floor(bits / two26);
  const low = bits - high * two26;
  const latitude = gatherBits(low) + gatherBits(high) * 8192;
  const longitude = gatherBits(low >>> 1) + gatherBits(high >>> 1) * 8192;
  place.longitude = middle(longitude, longitudeMax);
  place.latitude = middle(latitude, latitudeMax);
}

/** The 64 bits that a C cast makes of a score that is no geohash. */
function unusualBits(score: number): bigint {
  if (!Number.isFinite(score)) return 0n;
  return BigInt.asUintN(64, BigInt(Math.trunc(score)));
}

/** The middle of an interval of `stepsMax` halvings, within the range that ends at `limit`. */
function middle(index: number, limit: number): number {
  const value =
    (intervalStart(index, stepsMax, limit) + intervalStart(index + 1, stepsMax, limit)) / 2;
  return Math.min(limit, Math.max(-limit, value));
}

/** Where interval `index` of a range from -limit to limit begins. */
export function intervalStart(index: number, steps: number, limit: number): number {
  return -limit + (index / 2 ** steps) * (2 * limit);
}

function radians(angle: number): number {
  return angle * radiansPerDegree;
}

function degrees(angle: number): number {
  return angle / radiansPerDegree;
}

/** Meters between two latitudes. */
export function latitudeDistance(a: number, b: number): number {
  return earthRadiusMeters * Math.abs(radians(b) - radians(a));
}

/** Meters between two places along a great circle, by the haversine formula. */
export function distanceBetween(
  longitudeA: number,
  latitudeA: number,
  longitudeB: number,
  latitudeB: number,
): number {
  const v = Math.sin((radians(longitudeB) - radians(longitudeA)) / 2);
  if (v === 0) return latitudeDistance(latitudeA, latitudeB);
  const a = radians(latitudeA);
  const b = radians(latitudeB);
  const u = Math.sin((b - a) / 2);
  const square = u * u + Math.cos(a) * Math.cos(b) * v * v;
  return 2 * earthRadiusMeters * Math.asin(Math.sqrt(square));
}

/** Degrees of latitude that a distance along a meridian spans. */
export function latitudeSpan(meters: number): number {
  return degrees(meters / earthRadiusMeters);
}

/** Degrees of longitude that a distance along a parallel spans at a latitude. */
export function longitudeSpan(meters: number, latitude: number): number {
  return degrees(meters / earthRadiusMeters / Math.cos(radians(latitude)));
}

/**
 * How many steps a cell may have so that it and its neighbours cover a circle around a place in it,
 * most of the time.
 */
export function stepsForRadius(meters: number, latitude: number): number {
  if (meters === 0) return stepsMax;
  let steps = -1;
  for (let reach = meters; reach < mercatorMax; reach *= 2) steps++;
  // Cells are narrower towards the poles.
  const distance = Math.abs(latitude);
  if (distance > 66) steps--;
  if (distance > 80) steps--;
  return Math.min(stepsMax, Math.max(1, steps));
}
