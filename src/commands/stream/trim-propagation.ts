// How XADD and XTRIM are propagated when the request does not say what came of it: the ID that an
// entry got, and for an approximate trimming the exact bound that it has reached. Redis differs: it
// leaves the LIMIT in, which only those take who know that they obey a primary.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { viewedBytes } from "../../bytes/viewed.ts";
import { isArgument } from "../../engine/argument.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Propagation } from "../../engine/propagation.ts";
import type { Database } from "../../keyspace/database.ts";
import { valueRef } from "../../keyspace/record.ts";
import type { AddRequest, TrimRequest } from "../../keyspace/stream.ts";
import {
  StreamId,
  copyId,
  idTextBytesMax,
  maxId,
  parsedId,
  readId,
  writeIdText,
} from "../../structures/stream-id.ts";
import { firstIdWord, streamLength } from "../../structures/stream-root.ts";

const limit = asciiBytes("limit");
const text = viewedBytes(idTextBytesMax);
const firstId = new StreamId();
/** Options follow the key. */
const firstOption = 2;

/** XADD: `request.id` is the entry's. */
export function propagateAdd(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  request: AddRequest,
): void {
  const isTrimmed = request.trim.isWanted && request.trim.isApproximate;
  if (request.given === parsedId.full && !isTrimmed) return;
  const idAt = request.firstField - 1;
  const dropped = isTrimmed ? limitWords(args, idAt) : 0;
  propagation.begin(db, args.count - dropped).arguments(args, 0, firstOption);
  if (isTrimmed) writeOptions(propagation, db, args, request.trim, idAt);
  else propagation.arguments(args, firstOption, idAt);
  propagation.bytes(text, 0, writeIdText(text, 0, request.id));
  propagation.arguments(args, request.firstField, args.count);
}

/** XTRIM that has removed something. */
export function propagateTrim(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  trim: TrimRequest,
): void {
  if (!trim.isApproximate) return;
  propagation.begin(db, args.count - limitWords(args, args.count)).arguments(args, 0, firstOption);
  writeOptions(propagation, db, args, trim, args.count);
}

/** How many of the arguments before `end` are LIMIT and its number. */
function limitWords(args: Slices, end: number): number {
  let count = 0;
  for (let index = firstOption; index < end; index++) {
    if (isArgument(args, index, limit)) count += 2;
  }
  return count;
}

function writeOptions(
  propagation: Propagation,
  db: Database,
  args: Slices,
  trim: TrimRequest,
  end: number,
): void {
  const { thresholdAt } = trim;
  for (let index = firstOption; index < end; index++) {
    if (index === thresholdAt - 1) propagation.text("=");
    else if (index === thresholdAt) writeReached(propagation, db, args, trim);
    else if (isArgument(args, index, limit)) index++;
    else propagation.argument(args, index);
  }
}

/** The stream's length, or its first ID; where no entry is left, the last ID there can be. */
function writeReached(
  propagation: Propagation,
  db: Database,
  args: Slices,
  trim: TrimRequest,
): void {
  const { arena } = db.keyspace;
  const root = valueRef(arena, db.peek(args, 1));
  if (trim.lengthMax >= 0) {
    propagation.number(streamLength(arena, root));
    return;
  }
  if (streamLength(arena, root) > 0) readId(arena, root, firstIdWord, firstId);
  else copyId(maxId, firstId);
  propagation.bytes(text, 0, writeIdText(text, 0, firstId));
}
