// Writes the values of fields as a reply's elements. One object serves all requests, so that they
// allocate nothing.
import type { Slice } from "../../bytes/slices.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";

export class ValueReply {
  to: ReplyWriter | undefined;

  present(value: Slice): void {
    this.to?.bulk(value.bytes, value.offset, value.length);
  }

  absent(): void {
    this.to?.nil();
  }
}
