// Out-of-band messages, encoded once for all who get them.
import { asciiBytes } from "../bytes/ascii.ts";

/** An array of bulk strings in RESP2, a push of them in RESP3. */
export function encodeMessage(
  words: readonly (string | Uint8Array)[],
  protocol: number,
): Uint8Array {
  const parts: Uint8Array[] = [asciiBytes(`${protocol === 2 ? "*" : ">"}${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === "string" ? asciiBytes(word) : word;
    parts.push(asciiBytes(`$${bytes.length}\r\n`), bytes, asciiBytes("\r\n"));
  }
  return Buffer.concat(parts);
}
