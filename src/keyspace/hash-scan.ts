// One step of HSCAN. A hash in a compact encoding is small and is visited whole in one step, as in
// Redis. Fields whose time is over are passed over.
import { globMatches } from "../bytes/glob.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { HashCursor } from "./hash-cursor.ts";
import { HashState } from "./hash-fields.ts";
import type { FieldVisitor } from "./hash-random.ts";
import { isOverTime, readHash } from "./hash.ts";
import { encoding } from "./record.ts";
import type { ScanStep } from "./set-scan.ts";

export interface FieldsReceiver {
  /** Told the next cursor, before any field. */
  begin(next: number): void;
  readonly visit: FieldVisitor;
}

/** Empty buckets that a step looks at for each field that it was asked for. */
const bucketsPerField = 10;

/**
 * Hands over the step's fields that match the pattern; returns their number. A missing key is an
 * empty hash.
 */
export function scanFields(
  db: Database,
  args: Slices,
  key: number,
  step: ScanStep,
  receiver: FieldsReceiver,
): number {
  const hash = new HashState();
  if (readHash(db, args, key, hash) === noRef) {
    receiver.begin(0);
    return 0;
  }
  let found = 0;
  const offer = (cursor: HashCursor): void => {
    if (isOverTime(db, cursor.timeMs) || !isMatch(args, step.pattern, cursor)) return;
    found++;
    receiver.visit(cursor.field, cursor.value);
  };
  if (hash.encoding === encoding.hashtable) {
    scanTable(db, hash.root, step, receiver, offer);
    return found;
  }
  receiver.begin(0);
  const cursor = new HashCursor();
  cursor.open(db.keyspace, hash.encoding, hash.root);
  while (cursor.next()) offer(cursor);
  return found;
}

function scanTable(
  db: Database,
  root: Ref,
  step: ScanStep,
  receiver: FieldsReceiver,
  offer: (cursor: HashCursor) => void,
): void {
  const { arena, tables } = db.keyspace;
  const entries: Ref[] = [];
  let next = step.cursor;
  let bucketsLeft = step.count * bucketsPerField;
  tables.hash.load(root);
  do {
    next = tables.hash.scan(next, (entry) => entries.push(entry));
    bucketsLeft--;
  } while (next !== 0 && entries.length < step.count && bucketsLeft >= 0);
  receiver.begin(next);
  const cursor = new HashCursor();
  for (const entry of entries) {
    cursor.ofEntry(arena, entry);
    offer(cursor);
  }
}

function isMatch(args: Slices, pattern: number, { field }: HashCursor): boolean {
  if (pattern === 0) return true;
  const { bytes, offsets, lengths } = args;
  const { offset, length } = field;
  return globMatches(bytes, offsets[pattern], lengths[pattern], field.bytes, offset, length, 0);
}
