// Places within a circle or a rectangle: the search behind GEOSEARCH and GEORADIUS, as src/geo.c of
// Redis does it.
//
// A cell of the map around the centre and its eight neighbours, of a size that they cover the area,
// are runs of scores; each member in them is decoded and measured. Cells that the area's bounding
// box does not reach are left out.
import type { Ref } from "../memory/arena.ts";
import {
  GeoCell,
  cellOf,
  cellScore,
  decodeScore,
  distanceBetween,
  intervalStart,
  latitudeDistance,
  latitudeMax,
  latitudeSpan,
  longitudeMax,
  longitudeSpan,
  stepsForRadius,
} from "./geo-hash.ts";
import type { Keyspace } from "./keyspace.ts";
import { encodingOf, valueRef } from "./record.ts";
import { ZsetCursor } from "./zset-cursor.ts";
import { RankRun, ScoreRange } from "./zset-range.ts";

/** What is searched: a circle, or a rectangle if `radius` is negative. Lengths are in meters. */
export interface GeoArea {
  readonly longitude: number;
  readonly latitude: number;
  readonly radius: number;
  readonly width: number;
  readonly height: number;
}

export interface FoundPlace {
  readonly member: Uint8Array;
  readonly score: number;
  readonly longitude: number;
  readonly latitude: number;
  /** Meters from the centre. */
  readonly distance: number;
}

/**
 * Columns and rows from a cell to its neighbours, in Redis's order, which is that of unsorted
 * replies.
 */
const directions: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/** The members in the area, at most `limit` unless that is 0. */
export function searchArea(
  keyspace: Keyspace,
  ref: Ref,
  area: GeoArea,
  limit: number,
): FoundPlace[] {
  const found: FoundPlace[] = [];
  const [centre, ...neighbours] = cellsOf(area);
  searchCell(keyspace, ref, area, centre, limit, found);
  let last: GeoCell | undefined;
  for (const cell of neighbours) {
    if (limit > 0 && found.length >= limit) break;
    // In a wide search neighbours may be one and the same cell.
    const isRepeated = last?.longitude === cell.longitude && last.latitude === cell.latitude;
    if (!isRepeated) searchCell(keyspace, ref, area, cell, limit, found);
    last = cell;
  }
  return found;
}

/** West, south, east and north ends of the area, in degrees; beyond the map's where the area is. */
function boundsOf(area: GeoArea): { west: number; south: number; east: number; north: number } {
  const { longitude, latitude, radius } = area;
  const height = radius >= 0 ? radius : area.height / 2;
  const width = radius >= 0 ? radius : area.width / 2;
  const rows = latitudeSpan(height);
  // The area is widest, in degrees, at its end towards the pole.
  const columns = longitudeSpan(width, latitude < 0 ? latitude - rows : latitude + rows);
  return {
    west: longitude - columns,
    south: latitude - rows,
    east: longitude + columns,
    north: latitude + rows,
  };
}

/** The cell of the centre and those neighbours that the area may reach. */
function cellsOf(area: GeoArea): [GeoCell, ...GeoCell[]] {
  const { longitude, latitude, radius } = area;
  const bounds = boundsOf(area);
  const reach = radius >= 0 ? radius : Math.sqrt((area.width / 2) ** 2 + (area.height / 2) ** 2);
  let steps = stepsForRadius(reach, latitude);
  let centre = cellOf(longitude, latitude, steps);
  const isCovered =
    rowStart(neighbour(centre, 0, 1), 1) >= bounds.north &&
    rowStart(neighbour(centre, 0, -1), 0) <= bounds.south &&
    columnStart(neighbour(centre, 1, 0), 1) >= bounds.east &&
    columnStart(neighbour(centre, -1, 0), 0) <= bounds.west;
  if (steps > 1 && !isCovered) {
    steps--;
    centre = cellOf(longitude, latitude, steps);
  }
  // With one step the neighbours are the whole map.
  const isNarrow = steps >= 2;
  const leavesSouth = isNarrow && rowStart(centre, 0) < bounds.south;
  const leavesNorth = isNarrow && rowStart(centre, 1) > bounds.north;
  const leavesWest = isNarrow && columnStart(centre, 0) < bounds.west;
  const leavesEast = isNarrow && columnStart(centre, 1) > bounds.east;
  const neighbours = directions.filter(([east, north]) => {
    const isOut = (north < 0 && leavesSouth) || (north > 0 && leavesNorth);
    return !isOut && !(east < 0 && leavesWest) && !(east > 0 && leavesEast);
  });
  return [centre, ...neighbours.map(([east, north]) => neighbour(centre, east, north))];
}

/** The cell beside another; over an end of the map is its other end. */
function neighbour(cell: GeoCell, east: number, north: number): GeoCell {
  const mask = 2 ** cell.steps - 1;
  const beside = new GeoCell();
  beside.steps = cell.steps;
  beside.longitude = east === 0 ? cell.longitude : (cell.longitude + east) & mask;
  beside.latitude = north === 0 ? cell.latitude : (cell.latitude + north) & mask;
  return beside;
}

/** The latitude where the cell begins; with `beyond` 1 instead of 0, where it ends. */
function rowStart(cell: GeoCell, beyond: number): number {
  return intervalStart(cell.latitude + beyond, cell.steps, latitudeMax);
}

/** The same for longitudes. */
function columnStart(cell: GeoCell, beyond: number): number {
  return intervalStart(cell.longitude + beyond, cell.steps, longitudeMax);
}

function searchCell(
  keyspace: Keyspace,
  ref: Ref,
  area: GeoArea,
  cell: GeoCell,
  limit: number,
  found: FoundPlace[],
): void {
  const { arena } = keyspace;
  const range = new ScoreRange();
  range.min = cellScore(cell, 0);
  range.max = cellScore(cell, 1);
  range.maxExcluded = 1;
  const run = new RankRun();
  run.setScores(keyspace, ref, range);
  if (run.count === 0) return;
  const cursor = new ZsetCursor(arena);
  cursor.seek(encodingOf(arena, ref), valueRef(arena, ref), run.first);
  const place = { longitude: 0, latitude: 0 };
  for (let left = run.count; left > 0; left--, cursor.next()) {
    const { score } = cursor;
    decodeScore(score, place);
    const distance = distanceWithin(area, place.longitude, place.latitude);
    if (distance < 0) continue;
    const member = cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length);
    found.push({ member, score, distance, ...place });
    if (limit > 0 && found.length >= limit) return;
  }
}

/** Meters from the area's centre to a place; -1 when that is outside. */
function distanceWithin(area: GeoArea, longitude: number, latitude: number): number {
  if (area.radius >= 0) {
    const distance = distanceBetween(area.longitude, area.latitude, longitude, latitude);
    return distance > area.radius ? -1 : distance;
  }
  if (latitudeDistance(latitude, area.latitude) > area.height / 2) return -1;
  const across = distanceBetween(longitude, latitude, area.longitude, latitude);
  if (across > area.width / 2) return -1;
  return distanceBetween(area.longitude, area.latitude, longitude, latitude);
}
