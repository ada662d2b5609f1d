// The section `Replication` of INFO, which Sentinel and clients read.
import type { Follower } from "../replication/follower.ts";
import type { Replication } from "../replication/replication.ts";
import type { ConfigValues } from "./config/parameters.ts";

type Field = readonly [name: string, value: string | number];

export function replicationFields(
  replication: Replication,
  values: ConfigValues,
  nowMs: number,
): Field[] {
  const { history, asPrimary: primary, failover, follower } = replication;
  const { minReplicasToWrite, minReplicasMaxLag, replBacklogSize } = values;
  const isReplica = follower.target !== undefined;
  const fields: Field[] = [
    ["role", isReplica ? "slave" : "master"],
    ...followingFields(follower, values, nowMs),
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
    ["master_failover_state", failover.stateName],
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

/** What a replica says of its primary. */
function followingFields(follower: Follower, values: ConfigValues, nowMs: number): Field[] {
  const { target, state, lastReceivedMs, downSinceMs } = follower;
  if (target === undefined) return [];
  const isUp = state === "connected";
  const secondsSince = (ms: number): number => Math.floor((nowMs - ms) / 1000);
  return [
    ["master_host", target.host],
    ["master_port", target.port],
    ["master_link_status", isUp ? "up" : "down"],
    ["master_last_io_seconds_ago", isUp ? secondsSince(lastReceivedMs) : -1],
    ["master_sync_in_progress", state === "sync" ? 1 : 0],
    ["slave_read_repl_offset", follower.readOffset],
    ["slave_repl_offset", follower.knownOffset],
    ...transferFields(follower, nowMs),
    ...(isUp
      ? []
      : ([
          ["master_link_down_since_seconds", downSinceMs === 0 ? -1 : secondsSince(downSinceMs)],
        ] as const)),
    ["slave_priority", values.replicaPriority],
    ["slave_read_only", values.replicaReadOnly ? 1 : 0],
    ["replica_announced", values.replicaAnnounced ? 1 : 0],
  ];
}

function transferFields({ transfer, lastReceivedMs }: Follower, nowMs: number): Field[] {
  if (transfer === undefined) return [];
  const { readBytes, totalBytes } = transfer;
  const percent = totalBytes > 0 ? (readBytes / totalBytes) * 100 : 0;
  return [
    ["master_sync_total_bytes", totalBytes],
    ["master_sync_read_bytes", readBytes],
    ["master_sync_left_bytes", totalBytes - readBytes],
    ["master_sync_perc", percent.toFixed(2)],
    ["master_sync_last_io_seconds_ago", Math.floor((nowMs - lastReceivedMs) / 1000)],
  ];
}
