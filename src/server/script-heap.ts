// Whether scripts may take more memory. Their tables and strings live on the JavaScript heap, which
// has an end that would be the end of the process.
import { getHeapStatistics } from "node:v8";

/** Above this share of the heap's limit a script that takes more is ended. */
const heapShareMax = 0.8;

export function isHeapShort(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used > heapShareMax * limit;
}
