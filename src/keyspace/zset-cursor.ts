// A place in a sorted set of either encoding: what all that reads several members in order goes by.
//
// One cursor serves many walks. What it shows is good until the next change of the keyspace.
import type { Arena, Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import {
  ListpackEntry,
  entryAt as listpackEntryAt,
  nextEntry,
  previousEntry,
  readEntry,
} from "../structures/listpack.ts";
import {
  IndexPosition,
  entryAt,
  memberLength,
  memberOffset,
  scoreOf,
  seekRank,
  stepBack,
  stepForward,
} from "../structures/sorted-index.ts";
import { encoding } from "./record.ts";
import { smallScore } from "./zset-listpack.ts";
import { indexOf } from "./zset-value.ts";

export class ZsetCursor {
  /** The member: `length` bytes of `bytes` from `offset`. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  readonly #arena: Arena;
  #root: Ref = noRef;
  #isSmall = false;
  /** Where it is in a listpack; 0 behind either end. */
  #at = 0;
  readonly #listpackEntry = new ListpackEntry();
  /** Where it is in an index. */
  readonly #position = new IndexPosition();
  #entry: Ref = noRef;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Goes to a rank, which is below the count. */
  seek(kind: number, root: Ref, rank: number): void {
    this.#root = root;
    this.#isSmall = kind === encoding.listpack;
    if (this.#isSmall) this.#at = listpackEntryAt(this.#arena, root, rank * 2);
    else seekRank(this.#arena, indexOf(root), rank, this.#position);
    this.#show();
  }

  get score(): number {
    if (this.#isSmall) return smallScore(this.#arena, this.#root, this.#at);
    return scoreOf(this.#arena, this.#entry);
  }

  /** Goes to the next member by rank. Behind the last one nothing may be read. */
  next(): void {
    if (this.#isSmall) {
      this.#at = nextEntry(this.#arena, this.#root, this.#at);
      if (this.#at !== 0) this.#at = nextEntry(this.#arena, this.#root, this.#at);
    } else {
      stepForward(this.#arena, this.#position);
    }
    this.#show();
  }

  previous(): void {
    if (this.#isSmall) {
      this.#at = previousEntry(this.#arena, this.#root, this.#at);
      if (this.#at !== 0) this.#at = previousEntry(this.#arena, this.#root, this.#at);
    } else {
      stepBack(this.#arena, this.#position);
    }
    this.#show();
  }

  #show(): void {
    const arena = this.#arena;
    if (this.#isSmall) {
      if (this.#at === 0) return;
      const entry = this.#listpackEntry;
      readEntry(arena, this.#root, this.#at, entry);
      this.bytes = entry.bytes;
      this.offset = entry.offset;
      this.length = entry.length;
      return;
    }
    const entry = entryAt(arena, this.#position);
    this.#entry = entry;
    if (entry === noRef) return;
    this.bytes = arena.bytes[entry >>> 16];
    this.offset = memberOffset(entry);
    this.length = memberLength(arena, entry);
  }
}

let shared: ZsetCursor | undefined;
let sharedArena: Arena | undefined;

/** A cursor for a walk that is over before the next one begins: the same one each time. */
export function cursorOf(arena: Arena): ZsetCursor {
  if (shared === undefined || sharedArena !== arena) {
    shared = new ZsetCursor(arena);
    sharedArena = arena;
  }
  return shared;
}
