// Streams as values: how they are counted, freed, copied and measured. What a stream is made of is
// in structures/stream-*.ts.
import { blockBytes } from "../memory/arena.ts";
import { copyGroups, freeGroups, groupsBytes } from "../structures/stream-group-walk.ts";
import { copyStreamRoot, freeStreamNodes, streamNodeBytes } from "../structures/stream-log.ts";
import { streamLength, streamRootBytes } from "../structures/stream-root.ts";
import { valueRef } from "./record.ts";
import type { ValueKind } from "./value-kind.ts";

/** Parts of a stream that one call of `freeSome` frees at most. */
const freedPartsMax = 8;

export const streamKind: ValueKind = {
  count: ({ arena }, ref) => streamLength(arena, valueRef(arena, ref)),

  freeSome({ arena }, _encoding, root, budget) {
    for (let part = 0; part < freedPartsMax; part++) {
      if (!freeGroups(arena, root, budget)) continue;
      if (!freeStreamNodes(arena, root, budget)) return false;
      arena.free(root, streamRootBytes);
      return true;
    }
    return false;
  },

  copy({ arena }, ref) {
    const root = valueRef(arena, ref);
    const copy = copyStreamRoot(arena, root);
    copyGroups(arena, root, copy);
    return copy;
  },

  bytes({ arena }, ref) {
    const root = valueRef(arena, ref);
    return blockBytes(streamRootBytes) + streamNodeBytes(arena, root) + groupsBytes(arena, root);
  },
};
