// Secrets: sums that tell nothing of a password, and digits that nobody can guess.
import { createHash, randomBytes } from "node:crypto";

/** SHA-256, as 64 hexadecimal digits in lower case. */
export function hashSecret(secret: Uint8Array): string {
  return createHash("sha256").update(secret).digest("hex");
}

export function randomHex(digits: number): string {
  return randomBytes(Math.ceil(digits / 2))
    .toString("hex")
    .slice(0, digits);
}
