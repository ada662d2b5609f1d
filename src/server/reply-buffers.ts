// The memory that replies are written to. New memory costs its zeroing, and what is dropped costs
// collections of garbage, so buffers go round: one is being written to, those whose rest a stream
// goes on sending come back when it is sent, and a spare one takes their place meanwhile.
import { viewedBytes } from "../bytes/viewed.ts";
import type { ReplyWriter } from "../resp/reply-writer.ts";

/** Replies that collect before the end of the turn; more than this leave earlier. */
export const replyBytesWaiting = 128 * 1024;
const bytesInitial = 256 * 1024;
/** A buffer that one reply has made larger than this is not kept. */
const bytesKept = 16 * 1024 * 1024;
const spareBytesMax = 16 * 1024 * 1024;

export class ReplyBuffers {
  readonly #reply: ReplyWriter;
  readonly #spares: Uint8Array[] = [];
  #spareBytes = 0;
  /** Since the last `trim`: the most bytes that were written, and the fewest buffers to spare. */
  #writtenMax = 0;
  #sparesMin = 0;

  constructor(reply: ReplyWriter) {
    this.#reply = reply;
  }

  /** Begins again, in the same buffer: nobody refers to what was written. */
  reuse(): void {
    const reply = this.#reply;
    if (reply.position > this.#writtenMax) this.#writtenMax = reply.position;
    reply.position = 0;
    if (reply.buffer.length > bytesKept) this.replace();
  }

  /** Begins again, in another buffer; the one that was written to is returned. */
  replace(): Uint8Array {
    const reply = this.#reply;
    const { buffer } = reply;
    const spare = this.#spares.pop();
    if (spare !== undefined) this.#spareBytes -= spare.length;
    this.#sparesMin = Math.min(this.#spares.length, this.#sparesMin);
    reply.buffer = spare ?? viewedBytes(bytesInitial);
    reply.position = 0;
    return buffer;
  }

  /** Takes a buffer back that nobody refers to any longer. */
  giveBack(buffer: Uint8Array): void {
    if (this.#spareBytes + buffer.length > spareBytesMax) return;
    this.#spares.push(buffer);
    this.#spareBytes += buffer.length;
  }

  /** Lets go of what was not needed since the last time. */
  trim(): void {
    const reply = this.#reply;
    const isTooLarge = reply.buffer.length > Math.max(bytesInitial, this.#writtenMax * 4);
    if (isTooLarge && reply.position === 0) reply.buffer = viewedBytes(bytesInitial);
    for (let left = this.#sparesMin; left > 0; left--) {
      this.#spareBytes -= this.#spares.shift()?.length ?? 0;
    }
    this.#sparesMin = this.#spares.length;
    this.#writtenMax = 0;
  }
}
