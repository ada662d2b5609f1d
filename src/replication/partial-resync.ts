// Whether a replica that asks to go on from an offset of some history may, or must get everything.
import type { ReplicationHistory } from "./replication-history.ts";

interface LogLine {
  readonly level: "notice" | "warning";
  readonly text: string;
}

export type PartialResync =
  | { readonly isGranted: true }
  | { readonly isGranted: false; readonly log: readonly LogLine[] };

/** What is known of the history, as far as the decision goes. */
export type KnownHistory = Pick<
  ReplicationHistory,
  "id" | "secondId" | "secondOffset" | "offset" | "firstOffset" | "keptBytes"
> & { readonly backlog: object | undefined };

/**
 * `offset` is that of the first byte that the replica lacks. Redis:
 * masterTryPartialResynchronization in src/replication.c.
 */
export function decidePartialResync(
  history: KnownHistory,
  request: { readonly id: string; readonly offset: number },
  replicaName: string,
): PartialResync {
  const refused = refusalByHistory(history, request, replicaName);
  if (refused !== undefined) return refuse(refused);
  const { offset } = request;
  const { firstOffset, keptBytes } = history;
  const isKept = offset >= firstOffset && offset <= firstOffset + keptBytes;
  if (history.backlog !== undefined && isKept) return { isGranted: true };
  const lack = refuse(
    `Unable to partial resync with replica ${replicaName} for lack of backlog ` +
      `(Replica request was: ${offset}).`,
  );
  if (offset <= history.offset) return lack;
  const warning =
    `Warning: replica ${replicaName} tried to PSYNC with an offset that is greater than the ` +
    "master replication offset.";
  return { isGranted: false, log: [...lack.log, { level: "warning", text: warning }] };
}

function refuse(text: string): Extract<PartialResync, { isGranted: false }> {
  return { isGranted: false, log: [{ level: "notice", text }] };
}

/** Why the replica has not the same past as we have, if so. */
function refusalByHistory(
  { id, secondId, secondOffset }: KnownHistory,
  request: { readonly id: string; readonly offset: number },
  replicaName: string,
): string | undefined {
  const asked = request.id.toLowerCase();
  if (asked === id) return undefined;
  if (asked === secondId && request.offset <= secondOffset) return undefined;
  if (asked.startsWith("?")) return `Full resync requested by replica ${replicaName}`;
  if (asked !== secondId) {
    return (
      "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for " +
      `'${request.id}', my replication IDs are '${id}' and '${secondId}')`
    );
  }
  return (
    "Partial resynchronization not accepted: Requested offset for second ID was " +
    `${request.offset}, but I can reply up to ${secondOffset}`
  );
}
