// One step of SSCAN. A set in a compact encoding is small and is visited whole in one step, as in
// Redis.
import { globMatches } from "../bytes/glob.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import type { Database } from "./database.ts";
import { encoding } from "./record.ts";
import { SetCursor } from "./set-cursor.ts";
import { SetMember } from "./set-member.ts";
import { SetState } from "./set-members.ts";
import { readSet } from "./set.ts";

/**
 * A step: where it begins, about how many members it looks at, the argument that holds the pattern
 * (0: none).
 */
export interface ScanStep {
  readonly cursor: number;
  readonly count: number;
  readonly pattern: number;
}

export interface MemberReceiver {
  /** Told the next cursor, before any member. */
  begin(next: number): void;
  /** Given a member with its text, good during the call. */
  visit(member: SetMember): void;
}

/** Empty buckets that a step looks at for each member that it was asked for. */
const bucketsPerMember = 10;

/**
 * Hands over the step's members that match the pattern; returns their number. A missing key is an
 * empty set.
 */
export function scanMembers(
  db: Database,
  args: Slices,
  key: number,
  step: ScanStep,
  receiver: MemberReceiver,
): number {
  const set = new SetState();
  if (!readSet(db, args, key, set)) {
    receiver.begin(0);
    return 0;
  }
  let found = 0;
  const offer = (member: SetMember): void => {
    member.render();
    if (!isMatch(args, step.pattern, member)) return;
    found++;
    receiver.visit(member);
  };
  if (set.encoding === encoding.hashtable) {
    scanTable(db, set.root, step, receiver, offer);
    return found;
  }
  receiver.begin(0);
  const cursor = new SetCursor();
  cursor.open(db.keyspace, set.encoding, set.root);
  while (cursor.next()) offer(cursor.member);
  return found;
}

function scanTable(
  db: Database,
  root: Ref,
  step: ScanStep,
  receiver: MemberReceiver,
  offer: (member: SetMember) => void,
): void {
  const { arena, tables } = db.keyspace;
  const entries: Ref[] = [];
  let { cursor } = step;
  let bucketsLeft = step.count * bucketsPerMember;
  tables.set.load(root);
  do {
    cursor = tables.set.scan(cursor, (entry) => entries.push(entry));
    bucketsLeft--;
  } while (cursor !== 0 && entries.length < step.count && bucketsLeft >= 0);
  receiver.begin(cursor);
  const member = new SetMember();
  for (const entry of entries) {
    member.ofEntry(arena, entry);
    offer(member);
  }
}

function isMatch(args: Slices, pattern: number, member: SetMember): boolean {
  if (pattern === 0) return true;
  const { bytes, offsets, lengths } = args;
  const { offset, length } = member;
  return globMatches(bytes, offsets[pattern], lengths[pattern], member.bytes, offset, length, 0);
}
