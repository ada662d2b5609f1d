// Parameters of primaries and replicas. Redis's names say `replica` and `master`; the older ones
// with `slave` are aliases.

import { integer, intMax, longMax } from "../integer-kind.ts";
import { choice, special, string, yesNo } from "../parameter.ts";
import { replicaOfKind } from "../special-kinds.ts";

export const replication = [
  special("replicaof", null, replicaOfKind, {
    summary: "Primary whose data this server copies.",
    alias: "slaveof",
    mutability: "immutable",
    multiArgument: true,
  }),
  string("masteruser", "", {
    summary: "User name that this server gives to its primary.",
    sensitive: true,
    holdsBytes: true,
    emptyIsUnset: true,
  }),
  string("masterauth", "", {
    summary: "Password that this server gives to its primary.",
    sensitive: true,
    holdsBytes: true,
    emptyIsUnset: true,
  }),
  yesNo("replica-serve-stale-data", true, {
    summary: "Answers clients from old data while the primary cannot be reached.",
    alias: "slave-serve-stale-data",
  }),
  yesNo("replica-read-only", true, {
    summary: "Refuses writes of clients to a replica.",
    alias: "slave-read-only",
  }),
  yesNo("replica-lazy-flush", false, {
    summary: "Frees a replica's old data in the background before it loads new.",
    alias: "slave-lazy-flush",
  }),
  yesNo("replica-ignore-maxmemory", true, {
    summary: "Leaves eviction to the primary.",
    alias: "slave-ignore-maxmemory",
  }),
  yesNo("replica-ignore-disk-write-errors", false, {
    summary: "Lets a replica go on when it cannot write to its disk.",
  }),
  integer("replica-priority", 100, {
    summary: "Which replica Sentinel promotes first: the lowest number; 0 is never.",
    alias: "slave-priority",
    min: 0,
    max: intMax,
  }),
  yesNo("replica-announced", true, {
    summary: "Lets Sentinel show this replica to clients.",
  }),
  string("replica-announce-ip", "", {
    summary: "Address that a replica tells its primary and Sentinel.",
    alias: "slave-announce-ip",
    emptyIsUnset: true,
  }),
  integer("replica-announce-port", 0, {
    summary: "Port that a replica tells its primary and Sentinel; 0 is its own.",
    alias: "slave-announce-port",
    min: 0,
    max: 65535,
  }),
  yesNo("repl-diskless-sync", true, {
    summary: "Sends snapshots straight to replicas, without a file.",
  }),
  integer("repl-diskless-sync-delay", 5, {
    summary: "Seconds to wait for more replicas before such a snapshot starts.",
    min: 0,
    max: intMax,
  }),
  integer("repl-diskless-sync-max-replicas", 0, {
    summary: "Number of waiting replicas that ends the delay; 0 is any number.",
    min: 0,
    max: intMax,
  }),
  choice("repl-diskless-load", "disabled", ["disabled", "on-empty-db", "swapdb"], {
    summary: "Whether a replica loads a snapshot straight from the connection.",
    deniedWhileLoading: true,
  }),
  yesNo("repl-disable-tcp-nodelay", false, {
    summary: "Sends fewer, larger packets to replicas, at the price of delay.",
  }),
  integer("repl-ping-replica-period", 10, {
    summary: "Seconds between a primary's pings to its replicas.",
    alias: "repl-ping-slave-period",
    min: 1,
    max: intMax,
  }),
  integer("repl-timeout", 60, {
    summary: "Seconds of silence after which the other side counts as gone.",
    min: 1,
    max: intMax,
  }),
  integer("repl-backlog-size", 1024 * 1024, {
    summary: "Bytes of the stream that are kept for replicas that come back, at least 16384.",
    min: 1,
    max: longMax,
    unit: "memory",
    clamp: { min: 16384n, max: longMax },
  }),
  integer("repl-backlog-ttl", 3600, {
    summary: "Seconds without replicas after which those bytes are freed; 0 is never.",
    min: 0,
    max: longMax,
  }),
  integer("min-replicas-to-write", 0, {
    summary: "Replicas that must be connected for writes to be accepted; 0 is none.",
    alias: "min-slaves-to-write",
    min: 0,
    max: intMax,
  }),
  integer("min-replicas-max-lag", 10, {
    summary: "Seconds of silence up to which a replica counts as connected for this.",
    alias: "min-slaves-max-lag",
    min: 0,
    max: intMax,
  }),
  choice("propagation-error-behavior", "ignore", ["ignore", "panic", "panic-on-replicas"], {
    summary: "What happens when a command from the primary or the append-only file fails.",
  }),
] as const;
