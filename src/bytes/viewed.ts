// Arrays of bytes that carry a view of themselves, through which four bytes are read or written at
// once, wherever they lie: a loop over bytes costs 0.7 ns for each. The memory that requests,
// replies and data lie in is made of such arrays; functions that get others take the long way.

interface MaybeViewed extends Uint8Array {
  view?: DataView;
}

/** The array itself, which has got a view. */
export function viewed(bytes: Uint8Array): Uint8Array {
  (bytes as MaybeViewed).view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes;
}

/** Zeroed memory with a view. */
export function viewedBytes(size: number): Uint8Array {
  return viewed(new Uint8Array(size));
}

/** The array's view, if it has one. */
export function viewOf(bytes: Uint8Array): DataView | undefined {
  return (bytes as MaybeViewed).view;
}

/**
 * Copies 4 to 32 bytes. All are read before the first is written, so the ranges may overlap; at
 * most 8 words, of which those in the middle may be the same bytes.
 */
export function copyWords(
  from: DataView,
  fromOffset: number,
  to: DataView,
  toOffset: number,
  length: number,
): void {
  const fromEnd = fromOffset + length;
  const toEnd = toOffset + length;
  if (length <= 8) {
    const first = from.getInt32(fromOffset, true);
    const last = from.getInt32(fromEnd - 4, true);
    to.setInt32(toOffset, first, true);
    to.setInt32(toEnd - 4, last, true);
    return;
  }
  const a = from.getInt32(fromOffset, true);
  const b = from.getInt32(fromOffset + 4, true);
  const y = from.getInt32(fromEnd - 8, true);
  const z = from.getInt32(fromEnd - 4, true);
  if (length > 16) {
    const c = from.getInt32(fromOffset + 8, true);
    const d = from.getInt32(fromOffset + 12, true);
    const w = from.getInt32(fromEnd - 16, true);
    const x = from.getInt32(fromEnd - 12, true);
    to.setInt32(toOffset + 8, c, true);
    to.setInt32(toOffset + 12, d, true);
    to.setInt32(toEnd - 16, w, true);
    to.setInt32(toEnd - 12, x, true);
  }
  to.setInt32(toOffset, a, true);
  to.setInt32(toOffset + 4, b, true);
  to.setInt32(toEnd - 8, y, true);
  to.setInt32(toEnd - 4, z, true);
}

/** Whether two ranges of the same length, 4 bytes or more, hold the same bytes. */
export function equalWords(
  a: DataView,
  aOffset: number,
  b: DataView,
  bOffset: number,
  length: number,
): boolean {
  const rest = length - 4;
  for (let index = 0; index < rest; index += 4) {
    if (a.getInt32(aOffset + index, true) !== b.getInt32(bOffset + index, true)) return false;
  }
  return a.getInt32(aOffset + rest, true) === b.getInt32(bOffset + rest, true);
}
