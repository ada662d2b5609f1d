// A user: passwords, whether it may log in, and the selectors that say what it may do. One object
// for the user's whole life: sessions refer to it, and a change of its rules is one of the object.
import type { Selector } from "./selector.ts";

export class User {
  /** Latin-1. */
  readonly name: string;
  isOn = false;
  /** Any password will do. */
  needsNoPassword = false;
  /** RESTORE may skip the check of its payload. */
  skipsPayloadCheck = false;
  /** SHA-256 hashes, in lower-case hexadecimal. */
  passwords: string[] = [];
  /** The root selector, and those in parentheses behind it. */
  selectors: readonly [Selector, ...Selector[]];
  /** Whether there is anything that it may not do. */
  isRestricted = true;

  constructor(name: string, root: Selector) {
    this.name = name;
    this.selectors = [root];
  }

  /** Takes over everything but the name. */
  assign(from: User): void {
    const [root, ...others] = from.selectors;
    this.isOn = from.isOn;
    this.needsNoPassword = from.needsNoPassword;
    this.skipsPayloadCheck = from.skipsPayloadCheck;
    this.passwords = [...from.passwords];
    this.selectors = [root.copy(), ...others.map((each) => each.copy())];
    this.isRestricted = !this.selectors.some((each) => each.isUnlimited);
  }
}
