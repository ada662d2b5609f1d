// The options that say when a key expires, as SET and GETEX have them.
import type { Slices } from "../../bytes/slices.ts";
import { expiryUnits, futureExpiryArgument } from "../../engine/argument.ts";
import type { Options } from "../../engine/option-parser.ts";
import { noExpiry } from "../../keyspace/string.ts";

export type ExpiryOptions = Options<
  "seconds" | "milliseconds" | "unix-time-seconds" | "unix-time-milliseconds"
>;

/**
 * The time that the options name, in ms since 1970; `noExpiry` when there is none among them.
 * `commandName` is for the error.
 */
export function expiryOption(
  args: Slices,
  options: ExpiryOptions,
  nowMs: number,
  commandName: string,
): number {
  const { ex, px, exat, pxat } = expiryUnits;
  let index = options.seconds;
  if (index !== 0) return futureExpiryArgument(args, index, ex, nowMs, commandName);
  index = options.milliseconds;
  if (index !== 0) return futureExpiryArgument(args, index, px, nowMs, commandName);
  index = options["unix-time-seconds"];
  if (index !== 0) return futureExpiryArgument(args, index, exat, nowMs, commandName);
  index = options["unix-time-milliseconds"];
  if (index !== 0) return futureExpiryArgument(args, index, pxat, nowMs, commandName);
  return noExpiry;
}
