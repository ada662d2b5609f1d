// What the subcommands of ACL have in common.
import { Failure } from "../../keyspace/failure.ts";

/** Of those that show or change users. */
export const administration = {
  group: "server",
  flags: ["admin", "noscript", "loading", "stale", "sentinel"],
} as const;

/** Of those that tell nothing of others. */
export const open = {
  group: "server",
  flags: ["noscript", "loading", "stale", "sentinel"],
} as const;

/** What one gets that has an optional argument, for more than one. */
export function tooManyArguments(name: string): Failure {
  return new Failure(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ACL HELP.`,
  );
}
