// A value that has been read and is in no database yet: what decoders make and `key-loader.ts` puts
// under a key.
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import { noRef } from "../memory/arena.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { recordType } from "../keyspace/record.ts";

export class DecodedValue {
  /** Of `recordType`. */
  type = 0;
  encoding = 0;
  /** Root of a collection. While it is none nothing has to be freed. */
  root: Ref = noRef;
  /** Bytes of a string, good until the reader reads on. */
  readonly text = new Slice();

  set(type: number, encoding: number, root: Ref): void {
    this.type = type;
    this.encoding = encoding;
    this.root = root;
  }

  /** Gives back a collection that nobody wants. */
  discard(keyspace: Keyspace): void {
    const { type, encoding, root } = this;
    this.root = noRef;
    if (type === recordType.string || root === noRef) return;
    keyspace.reclaimer.takeValue(type, encoding, root);
  }
}
