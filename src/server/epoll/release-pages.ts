// Memory that the process keeps the addresses of and the system gets back.
import type { Libc } from "./libc.ts";

const adviceDoNotNeed = 4;
/** Whole pages only; on arm64 they may be this large. */
const pageBytes = process.arch === "x64" ? 4096n : 65536n;

/**
 * The pages that lie within the array are the system's from now on: they read as zeroes, and take
 * memory again when they are written to. The array must be one of its own outside V8's heap.
 */
export function releasePages(libc: Libc, bytes: Uint8Array): void {
  const address = libc.addressOf(bytes);
  const start = (address + pageBytes - 1n) & -pageBytes;
  const end = (address + BigInt(bytes.length)) & -pageBytes;
  if (end > start) libc.madvise(start, end - start, adviceDoNotNeed, 0);
}
