// Out-of-band messages, encoded once for all who get them.
import { asciiBytes, copyBytes } from "../bytes/ascii.ts";
import { integerLength, writeInteger } from "../bytes/integer.ts";

const asterisk = 0x2a;
const greaterThan = 0x3e;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
/** A sign before a number, and the line end behind it. */
const lineBytes = 3;

/** What a message is made of: its kind, where it comes from, what it says. */
export type MessageWords = readonly (string | Uint8Array)[];

/** An array of bulk strings in RESP2, a push of them in RESP3. */
export function encodeMessage(words: MessageWords, protocol: number): Uint8Array {
  const parts = words.map((word) => (typeof word === "string" ? asciiBytes(word) : word));
  let size = lineBytes + integerLength(parts.length);
  for (const { length } of parts) size += 2 * lineBytes - 1 + integerLength(length) + length;
  const message = new Uint8Array(size);
  message[0] = protocol === 2 ? asterisk : greaterThan;
  let at = endLine(message, writeInteger(message, 1, parts.length));
  for (const part of parts) {
    message[at] = dollar;
    at = endLine(message, writeInteger(message, at + 1, part.length));
    copyBytes(part, 0, message, at, part.length);
    at = endLine(message, at + part.length);
  }
  return message;
}

function endLine(message: Uint8Array, at: number): number {
  message[at] = carriageReturn;
  message[at + 1] = lineFeed;
  return at + 2;
}
