// A request of XREAD or XREADGROUP, parsed: what to read, from which streams, and for whom.
// It is made by `stream-read.ts` and answered by `stream-serve.ts`.
import type { Ref } from "../../memory/arena.ts";
import type { StreamId } from "../../structures/stream-id.ts";

/** Where to read from. */
export const readFrom = {
  /** After the given ID; of a group: the consumer's pending entries after it. */
  id: 0,
  /** After what the group has delivered last. */
  delivered: 1,
  /** The last entry. */
  last: 2,
} as const;

export class ReadRequest {
  /** Index of the group's name, which the consumer's follows; 0: XREAD. */
  groupAt = 0;
  /** Entries of a stream at most. */
  countMax = Infinity;
  /** -1: do not wait; 0: for ever. */
  timeoutMs = -1;
  isNoAck = false;
  firstKey = 0;
  streamCount = 0;
  /** By stream: one of `readFrom`, the ID, the stream and the group, or none. */
  readonly from: number[] = [];
  readonly ids: StreamId[] = [];
  readonly roots: Ref[] = [];
  readonly groups: Ref[] = [];
}
