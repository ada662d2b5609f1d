// The section `Replication` of INFO, which Sentinel and clients read.
import type { Replication } from "../replication/replication.ts";
import type { ConfigValues } from "./config/parameters.ts";

type Field = readonly [name: string, value: string | number];

export function replicationFields(
  { history, primary }: Replication,
  { minReplicasToWrite, minReplicasMaxLag, replBacklogSize }: ConfigValues,
  nowMs: number,
): Field[] {
  const fields: Field[] = [
    ["role", "master"],
    ["connected_slaves", primary.replicas.size],
  ];
  if (minReplicasToWrite > 0 && minReplicasMaxLag > 0) {
    fields.push(["min_slaves_good_slaves", primary.goodReplicas]);
  }
  let number = 0;
  for (const { address, profile, stateName, ackOffset, ackMs } of primary.replicas) {
    const lag = stateName === "online" ? Math.floor((nowMs - ackMs) / 1000) : 0;
    fields.push([
      `slave${number++}`,
      `ip=${address},port=${profile.listeningPort},state=${stateName},` +
        `offset=${ackOffset},lag=${lag},type=replica`,
    ]);
  }
  return [
    ...fields,
    ["master_failover_state", "no-failover"],
    ["master_replid", history.id],
    ["master_replid2", history.secondId],
    ["master_repl_offset", history.offset],
    ["second_repl_offset", history.secondOffset],
    ["repl_backlog_active", history.backlog === undefined ? 0 : 1],
    ["repl_backlog_size", replBacklogSize],
    ["repl_backlog_first_byte_offset", history.firstOffset],
    ["repl_backlog_histlen", history.keptBytes],
  ];
}
