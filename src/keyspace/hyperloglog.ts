// HyperLogLogs in keys: the operations behind PFADD, PFCOUNT and PFMERGE. To the keyspace they are
// strings.
//
// Adding to a dense one changes the string in place; a sparse one is worked on in a buffer and
// stored again when it has changed.
import type { Slices } from "../bytes/slices.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import { HyperLogLogBuffer, raised } from "../structures/hyperloglog-sparse.ts";
import {
  cacheEstimate,
  cachedEstimate,
  estimateCount,
  estimateRegisters,
  hashElement,
  hashedRegister,
  invalidateEstimate,
  isDense,
  isHyperLogLog,
  mergeInto,
  raiseDense,
  registerCount,
} from "../structures/hyperloglog.ts";
import type { Database } from "./database.ts";
import { Failure, wrongType } from "./failure.ts";
import { keyEvents } from "./key-event.ts";
import { encoding, recordType, sliceString, typeOf } from "./record.ts";
import { keepExpiry, noExpiry, storeEncoded } from "./string.ts";

const notHyperLogLog = new Failure("WRONGTYPE Key is not a valid HyperLogLog string value.");
export const corruptHyperLogLog = new Failure("INVALIDOBJ Corrupted HLL object detected");

const buffer = new HyperLogLogBuffer();
const slice = new Slice();

/** Points `slice` at the record's string; throws when it is no HyperLogLog. */
function sliceHyperLogLog(db: Database, ref: Ref): void {
  const { arena } = db.keyspace;
  if (typeOf(arena, ref) !== recordType.string) throw wrongType;
  sliceString(arena, ref, slice);
  if (!isHyperLogLog(slice.bytes, slice.offset, slice.length)) throw notHyperLogLog;
}

/**
 * The HyperLogLog of the key as a slice, good until the next change; undefined when there is none.
 */
export function findHyperLogLog(db: Database, args: Slices, key: number): Slice | undefined {
  const ref = db.write(args, key);
  if (ref === noRef) return undefined;
  sliceHyperLogLog(db, ref);
  return slice;
}

function storeBuffer(db: Database, args: Slices, key: number, ref: Ref): void {
  const { bytes, length } = buffer;
  const expiry = ref === noRef ? noExpiry : keepExpiry;
  storeEncoded(db, args, key, ref, bytes, 0, length, encoding.raw, expiry);
}

function report(db: Database, args: Slices, key: number, changes: number): void {
  const { keyspace } = db;
  keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.pfadd);
  keyspace.dirty += changes - 1;
}

/** PFADD: adds the arguments behind the key; true when the key or its estimate has changed. */
export function addElements(db: Database, args: Slices, key: number): boolean {
  const ref = db.write(args, key);
  let changes = 0;
  if (ref === noRef) {
    buffer.clear();
    changes = 1 + raiseAll(db, args, key + 1);
  } else {
    sliceHyperLogLog(db, ref);
    if (isDense(slice.bytes, slice.offset)) {
      changes = raiseInPlace(args, key + 1);
      if (changes > 0) report(db, args, key, changes);
      return changes > 0;
    }
    buffer.load(slice.bytes, slice.offset, slice.length);
    changes = raiseAll(db, args, key + 1);
  }
  if (changes === 0) return false;
  invalidateEstimate(buffer.bytes, 0);
  storeBuffer(db, args, key, ref);
  report(db, args, key, changes);
  return true;
}

function raiseInPlace(args: Slices, first: number): number {
  const { bytes, offset } = slice;
  let changes = 0;
  for (let index = first; index < args.count; index++) {
    const rank = hashElement(args.bytes, args.offsets[index], args.lengths[index]);
    if (raiseDense(bytes, offset, hashedRegister, rank)) changes++;
  }
  if (changes > 0) invalidateEstimate(bytes, offset);
  return changes;
}

function raiseAll(db: Database, args: Slices, first: number): number {
  const { hllSparseMaxBytes } = db.keyspace.limits;
  let changes = 0;
  for (let index = first; index < args.count; index++) {
    const rank = hashElement(args.bytes, args.offsets[index], args.lengths[index]);
    const result = buffer.raise(hashedRegister, rank, hllSparseMaxBytes);
    if (result === raised.corrupt) throw corruptHyperLogLog;
    if (result === raised.yes) changes++;
  }
  return changes;
}

/** PFCOUNT of one key; remembers the estimate in the string. */
export function countElements(db: Database, args: Slices, key: number): number {
  const ref = db.read(args, key);
  if (ref === noRef) return 0;
  sliceHyperLogLog(db, ref);
  const { bytes, offset, length } = slice;
  const cached = cachedEstimate(bytes, offset);
  if (cached >= 0) return cached;
  const estimate = estimateCount(bytes, offset, length);
  if (estimate < 0) throw corruptHyperLogLog;
  db.keyspace.snapshot?.preserve(db, ref);
  cacheEstimate(bytes, offset, estimate);
  db.keyspace.changed(db, args.bytes, args.offsets[key], args.lengths[key], keyEvents.pfcount);
  return estimate;
}

const registers = new Uint8Array(registerCount);

/**
 * Merges the HyperLogLogs of the keys from `first` on into `registers`; true when one of them is
 * dense.
 */
function mergeKeys(db: Database, args: Slices, first: number): boolean {
  registers.fill(0);
  let hasDense = false;
  for (let key = first; key < args.count; key++) {
    const ref = db.read(args, key);
    if (ref === noRef) continue;
    sliceHyperLogLog(db, ref);
    const { bytes, offset, length } = slice;
    if (isDense(bytes, offset)) hasDense = true;
    if (!mergeInto(registers, bytes, offset, length)) throw corruptHyperLogLog;
  }
  return hasDense;
}

/** PFCOUNT of several keys: of their union. */
export function countUnion(db: Database, args: Slices, first: number): number {
  mergeKeys(db, args, first);
  return estimateRegisters(registers);
}

/** PFMERGE: the key becomes the union of itself and of the keys behind it. */
export function mergeElements(db: Database, args: Slices, key: number): void {
  const hasDense = mergeKeys(db, args, key);
  const ref = db.write(args, key);
  if (ref === noRef) {
    buffer.clear();
  } else {
    sliceHyperLogLog(db, ref);
    buffer.load(slice.bytes, slice.offset, slice.length);
  }
  if (hasDense && !buffer.makeDense()) throw corruptHyperLogLog;
  const { hllSparseMaxBytes } = db.keyspace.limits;
  for (let index = 0; index < registerCount; index++) {
    if (registers[index] > 0) buffer.raise(index, registers[index], hllSparseMaxBytes);
  }
  invalidateEstimate(buffer.bytes, 0);
  storeBuffer(db, args, key, ref);
  report(db, args, key, 1);
}

/**
 * PFDEBUG TODENSE and GETREG: true when the HyperLogLog of the key was sparse and is so no longer.
 */
export function makeKeyDense(db: Database, args: Slices, key: number): boolean {
  const ref = db.write(args, key);
  if (ref === noRef) return false;
  sliceHyperLogLog(db, ref);
  if (isDense(slice.bytes, slice.offset)) return false;
  buffer.load(slice.bytes, slice.offset, slice.length);
  if (!buffer.makeDense()) throw corruptHyperLogLog;
  storeBuffer(db, args, key, ref);
  db.keyspace.dirty++;
  return true;
}
