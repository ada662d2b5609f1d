// Several complete requests, parsed ahead of their execution.
//
// A client that pipelines sends requests faster than memory answers: each key costs two cache
// misses, one after the other. Parsed together, their keys' buckets and records can be fetched
// together (`Engine.prefetch`), and the misses overlap.
import { Slices } from "../bytes/slices.ts";
import type { RequestParser } from "./request-parser.ts";
import { parsed } from "./request-parser.ts";

export const batchRequestsMax = 16;

const noBytes = new Uint8Array(0);

export class RequestBatch {
  readonly requests: Slices[] = Array.from({ length: batchRequestsMax }, () => new Slices());
  /** Where each request ends. */
  readonly ends = new Int32Array(batchRequestsMax);
  count = 0;

  /**
   * Parses up to `limit` requests of `bytes[start..end)`. Returns the last `parse`'s answer:
   * `parsed.request` when the limit or the end of the bytes was reached. The parser keeps what it
   * has begun; complete requests are moved here.
   */
  fill(
    parser: RequestParser,
    bytes: Uint8Array,
    start: number,
    end: number,
    limit: number,
  ): number {
    this.count = 0;
    let position = start;
    while (this.count < limit && position < end) {
      const status = parser.parse(bytes, position, end);
      if (status !== parsed.request) return status;
      const request = parser.args;
      parser.args = this.requests[this.count];
      this.requests[this.count] = request;
      position = parser.position;
      this.ends[this.count] = position;
      this.count++;
    }
    return parsed.request;
  }

  /** Gives back what unusually long requests have grown, and lets go of the buffer. */
  trim(): void {
    for (const request of this.requests) {
      request.trim();
      request.bytes = noBytes;
    }
  }
}
