// How changes of a key's time to live are propagated: as the time when it ends, so that it does not
// matter when they are replayed.
import type { Slices } from "../../bytes/slices.ts";
import type { Engine } from "../../engine/engine.ts";
import { deletionWord } from "../../engine/propagation.ts";
import type { Database } from "../../keyspace/database.ts";

/** A string was set that expires; `value` is its argument. */
export function propagateExpiring(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  value: number,
  expiryMs: number,
): void {
  propagation.begin(db, 5).text("SET").argument(args, 1).argument(args, value);
  propagation.text("PXAT").number(expiryMs);
}

/**
 * The key got a time, or was deleted because that is over. `conditionsAt` is the index of the
 * request's last arguments, which stay: conditions that held here hold there.
 */
export function propagateTime(
  { propagation }: Engine,
  db: Database,
  args: Slices,
  expiryMs: number,
  conditionsAt: number,
): void {
  const { nowMs, expires } = db.keyspace;
  if (expiryMs <= nowMs && expires) {
    propagation.begin(db, 2).text(deletionWord(propagation.expiresLazily)).argument(args, 1);
    return;
  }
  propagation
    .begin(db, 3 + args.count - conditionsAt)
    .text("PEXPIREAT")
    .argument(args, 1);
  propagation.number(expiryMs).arguments(args, conditionsAt, args.count);
}
