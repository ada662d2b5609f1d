// Error replies of the engine itself: of requests that are turned away before their command runs.
import type { Slices } from "../bytes/slices.ts";
import { Failure } from "../keyspace/failure.ts";
import type { RegisteredCommand } from "./registered-command.ts";

export const noAuth = new Failure("NOAUTH Authentication required.");
export const wrongPassword = new Failure(
  "WRONGPASS invalid username-password pair or user is disabled.",
);
export const loading = new Failure("LOADING Redis is loading the dataset in memory");
/** What a client that monitors, which Redis takes for a kind of replica, gets. */
export const noKeyspace = new Failure("ERR Replica can't interact with the keyspace");
export const notInTransaction = new Failure("ERR Command not allowed inside a transaction");
export const transactionSpoilt = new Failure(
  "EXECABORT Transaction discarded because of previous errors.",
);
/** The reply to an EXEC that was turned away. */
export function transactionDiscarded({ text }: Failure): Failure {
  return new Failure(`EXECABORT Transaction discarded because of: ${text}`);
}

export const readOnlyReplica = new Failure("READONLY You can't write against a read only replica.");
export const primaryDown = new Failure(
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);
/** What those get who wait when the server becomes a replica. */
export const roleChanged = new Failure(
  "UNBLOCKED force unblock from blocking operation, instance state changed " +
    "(master -> replica?)",
);
/** What others get while a script has run for too long, and while a function has. */
export const busyEval = new Failure(
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
);
export const busyFunction = new Failure(
  "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.",
);
export const noReplicas = new Failure("NOREPLICAS Not enough good replicas to write.");
export const internalError = new Failure("ERR internal error");

/** What a RESP2 client that has subscribed gets for any other command. */
export function onlyForSubscribers(command: RegisteredCommand): Failure {
  return new Failure(
    `ERR Can't execute '${command.fullName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / ` +
      "QUIT / RESET are allowed in this context",
  );
}

const shownBytesMax = 128;

export function unknownCommand(args: Slices): Failure {
  let shown = "";
  for (let index = 1; index < args.count && shown.length < shownBytesMax; index++) {
    shown += `'${args.latin1(index).slice(0, shownBytesMax - shown.length)}' `;
  }
  const name = args.latin1(0).slice(0, shownBytesMax);
  return new Failure(`ERR unknown command '${name}', with args beginning with: ${shown}`);
}

export function unknownSubcommand(args: Slices, container: RegisteredCommand): Failure {
  const name = args.latin1(1).slice(0, shownBytesMax);
  const help = container.declaration.name;
  return new Failure(`ERR unknown subcommand '${name}'. Try ${help} HELP.`);
}
