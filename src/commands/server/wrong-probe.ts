import type { Slices } from "../../bytes/slices.ts";
import { Failure } from "../../keyspace/failure.ts";

const shownBytesMax = 128;

/** The failure of a DEBUG whose subcommand is unknown or has other arguments. */
export function wrongProbe(args: Slices): Failure {
  const name = args.latin1(1).slice(0, shownBytesMax);
  return new Failure(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try DEBUG HELP.`,
  );
}
