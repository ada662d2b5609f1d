// What a snapshot knows of when and how often a key was used, which is in the record's access word
// in one of two forms (`keyspace/record.ts`): seconds, or, under an LFU policy, minutes and a
// counter.
import type { Ref } from "../memory/arena.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { accessOf } from "../keyspace/record.ts";

const secondsMask = 0xffffff;
const minutesMask = 0xffff;
const counterBits = 8;

/** -1 for what is not known. */
export interface KeyAccess {
  readonly idleSeconds: number;
  readonly frequency: number;
}

const unknownAccess: KeyAccess = { idleSeconds: -1, frequency: -1 };

function usesFrequency(policy: string): boolean {
  return policy.endsWith("lfu");
}

/** What the policy, a value of `maxmemory-policy`, has a use for. */
export function accessToSave(
  { arena, accessClock, uses }: Keyspace,
  policy: string,
  ref: Ref,
): KeyAccess {
  const access = accessOf(arena, ref);
  if (usesFrequency(policy)) return { idleSeconds: -1, frequency: uses.current(access) };
  if (!policy.endsWith("lru")) return unknownAccess;
  return { idleSeconds: (accessClock - access) & secondsMask, frequency: -1 };
}

/**
 * The access word of a key that was loaded: used now, unless what is known counts under the policy.
 */
export function accessAfterLoading(
  { accessClock, newAccess, nowMs }: Keyspace,
  policy: string,
  known: KeyAccess,
): number {
  if (usesFrequency(policy)) {
    if (known.frequency < 0) return newAccess;
    const minutes = Math.floor(nowMs / 60_000) & minutesMask;
    return (minutes << counterBits) | known.frequency;
  }
  if (known.idleSeconds < 0) return newAccess;
  return (accessClock - (known.idleSeconds % (secondsMask + 1))) & secondsMask;
}
