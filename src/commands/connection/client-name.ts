// What a client may call itself, or its library: anything that does not break the fields of CLIENT
// LIST apart.
import type { Slices } from "../../bytes/slices.ts";
import { Failure } from "../../keyspace/failure.ts";

const invalidName = new Failure(
  "ERR Client names cannot contain spaces, newlines or special characters.",
);

/** Argument `index` as a name; throws when it is none. The empty name takes a name away. */
export function clientNameArgument(args: Slices, index: number): string {
  if (!isClientAttribute(args, index)) throw invalidName;
  return args.latin1(index);
}

/** Whether the argument is printable ASCII without blanks. */
export function isClientAttribute(args: Slices, index: number): boolean {
  const end = args.offsets[index] + args.lengths[index];
  for (let at = args.offsets[index]; at < end; at++) {
    if (args.bytes[at] < 0x21 || args.bytes[at] > 0x7e) return false;
  }
  return true;
}
