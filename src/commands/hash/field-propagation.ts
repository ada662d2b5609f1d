// The fields of a propagated command: those of the request to which something happened.
import type { Slices } from "../../bytes/slices.ts";
import type { Propagation } from "../../engine/propagation.ts";

/** Writes `FIELDS numfields field ...`: two words and the arguments of these indexes. */
export function propagateFields(
  propagation: Propagation,
  args: Slices,
  fields: readonly number[],
): void {
  propagation.text("FIELDS").number(fields.length);
  for (const field of fields) propagation.argument(args, field);
}
