// Runs a search for places and replies with them, or stores them.
import type { Context } from "../../engine/command.ts";
import type { FoundPlace } from "../../keyspace/geo-search.ts";
import { searchArea } from "../../keyspace/geo-search.ts";
import { keyEvents } from "../../keyspace/key-event.ts";
import { partialSort } from "../../keyspace/partial-sort.ts";
import { recordType } from "../../keyspace/record.ts";
import { storeNothing, storeResult } from "../../keyspace/zset-store.ts";
import { insertLarge, newLarge } from "../../keyspace/zset-value.ts";
import { noRef } from "../../memory/arena.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import type { AreaSyntax } from "./area-request.ts";
import { AreaRequest } from "./area-request.ts";
import { replyDistance, replyPlace } from "./geo-argument.ts";

/** All of a search command. */
export function runSearch(context: Context, syntax: AreaSyntax): void {
  const { args, db, reply } = context;
  const ref = db.readOfType(args, syntax.keyAt, recordType.zset);
  const request = new AreaRequest();
  request.parse(context, ref, syntax);
  let found: FoundPlace[] = [];
  if (ref !== noRef) {
    found = searchArea(db.keyspace, ref, request.area(), request.isAny ? request.count : 0);
    sortPlaces(found, request);
    if (request.count > 0) found = found.slice(0, request.count);
  }
  if (request.storeKey === 0) replyPlaces(reply, found, request);
  else storePlaces(context, found, request, syntax);
}

/**
 * In the order that is wanted, as far as it is. Of those that are equally far the first ones are
 * the same as Redis's: they may be stored, and then a replica must store the same.
 */
function sortPlaces(found: FoundPlace[], { order, count }: AreaRequest): void {
  if (order === "none") return;
  const compare = order === "nearest" ? compareDistances : compareDistancesDown;
  if (count === 0 || found.length <= count) found.sort(compare);
  else partialSort(found, compare, 0, count - 1);
}

function compareDistances(a: FoundPlace, b: FoundPlace): number {
  if (a.distance > b.distance) return 1;
  return a.distance === b.distance ? 0 : -1;
}

function compareDistancesDown(a: FoundPlace, b: FoundPlace): number {
  return -compareDistances(a, b);
}

function replyPlaces(reply: ReplyWriter, found: readonly FoundPlace[], request: AreaRequest): void {
  const { withDistance, withHash, withPlace } = request;
  const extras = Number(withDistance) + Number(withHash) + Number(withPlace);
  reply.array(found.length);
  for (const place of found) {
    if (extras > 0) reply.array(extras + 1);
    reply.bulk(place.member, 0, place.member.length);
    if (withDistance) replyDistance(reply, place.distance / request.unitMeters);
    if (withHash) reply.integer(wholeScore(place.score));
    if (withPlace) replyPlace(reply, place);
  }
}

/**
 * A set may hold scores that are no geohashes, and a place at the map's eastern end has one of 54
 * bits.
 */
function wholeScore(score: number): number | bigint {
  const whole = Math.trunc(score);
  return Number.isSafeInteger(whole) ? whole : BigInt(whole);
}

function storePlaces(
  { args, db, reply }: Context,
  found: readonly FoundPlace[],
  request: AreaRequest,
  syntax: AreaSyntax,
): void {
  const { keyspace } = db;
  if (found.length === 0) {
    storeNothing(db, args, request.storeKey);
    reply.integer(0);
    return;
  }
  const root = newLarge(keyspace);
  for (const { member, score, distance } of found) {
    const stored = request.storesDistance ? distance / request.unitMeters : score;
    insertLarge(keyspace, root, member, 0, member.length, stored);
  }
  const isSearch = syntax.centre === "option";
  const event = isSearch ? keyEvents.geosearchstore : keyEvents.georadiusstore;
  reply.integer(storeResult(db, args, request.storeKey, root, event));
  keyspace.dirty += found.length - 1;
}
