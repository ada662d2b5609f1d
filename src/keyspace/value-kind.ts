// What every type of collection must do with its value: be counted, freed piece by piece, copied,
// measured.
//
// A collection's record holds the ref of its root block; what the root is, is known to the type's
// own file (`list-value.ts` ...), which offers one of these. Strings are not among them: their
// layout is part of the record (`record.ts`).
import type { Ref } from "../memory/arena.ts";
import type { Keyspace } from "./keyspace.ts";

export interface ValueKind {
  /** Elements of the record's value. */
  count(keyspace: Keyspace, ref: Ref): number;
  /**
   * Frees about `budget` elements of a value that no record holds any more; true when all of it,
   * the root block too, is gone. The root must stay valid until then. Called again and again
   * between turns, so that no deletion stalls the loop.
   */
  freeSome(keyspace: Keyspace, encoding: number, root: Ref, budget: number): boolean;
  /** The root of a copy of the record's value. */
  copy(keyspace: Keyspace, ref: Ref): Ref;
  /** Bytes of the arena that the value takes, without the record. */
  bytes(keyspace: Keyspace, ref: Ref): number;
}
