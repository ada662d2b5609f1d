// Parameters of cluster mode. There is no cluster yet, so all of them await it: only
// `cluster-enabled` would change what the server does, the others are kept for the day it exists.

import { integer, intMax, longMax, unsignedLongMax } from "../integer-kind.ts";
import { choice, fixed, stored, string, yesNo } from "../parameter.ts";

const awaits = stored("cluster mode");

function hostnameError(name: string): string | undefined {
  if (name.length >= 256) return "Hostnames must be less than 256 characters";
  if (/^[A-Za-z0-9.-]*$/.test(name)) return undefined;
  return "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

function nodenameError(name: string): string | undefined {
  if (!/[!#$%&()*+:;<>?@[\]^{|}~]/.test(name)) return undefined;
  return "Announced human node name contained invalid character";
}

export const cluster = [
  yesNo("cluster-enabled", false, {
    summary: "Runs the server as a node of a cluster.",
    mutability: "immutable",
    awaits: fixed("cluster mode"),
  }),
  string("cluster-config-file", "nodes.conf", {
    summary: "File that the node keeps its view of the cluster in.",
    mutability: "immutable",
    awaits,
  }),
  integer("cluster-node-timeout", 15000, {
    summary: "Milliseconds after which a silent node counts as failing.",
    min: 0,
    max: longMax,
    awaits,
  }),
  integer("cluster-ping-interval", 0, {
    summary: "Milliseconds between pings to other nodes, for tests.",
    hidden: true,
    min: 0,
    max: longMax,
    awaits,
  }),
  integer("cluster-port", 0, {
    summary: "Port of the cluster's bus; 0 is the client port plus 10000.",
    mutability: "immutable",
    min: 0,
    max: 65535,
    awaits,
  }),
  string("cluster-announce-ip", "", {
    summary: "Address that the node tells the others.",
    emptyIsUnset: true,
    awaits,
  }),
  integer("cluster-announce-port", 0, {
    summary: "Client port that the node tells the others; 0 is its own.",
    min: 0,
    max: 65535,
    awaits,
  }),
  integer("cluster-announce-tls-port", 0, {
    summary: "TLS port that the node tells the others; 0 is its own.",
    min: 0,
    max: 65535,
    awaits,
  }),
  integer("cluster-announce-bus-port", 0, {
    summary: "Port of the bus that the node tells the others; 0 is its own.",
    min: 0,
    max: 65535,
    awaits,
  }),
  string("cluster-announce-hostname", "", {
    summary: "Host name that the node tells the others.",
    emptyIsUnset: true,
    check: hostnameError,
    awaits,
  }),
  string("cluster-announce-human-nodename", "", {
    summary: "Name of the node in log messages.",
    emptyIsUnset: true,
    check: nodenameError,
    awaits,
  }),
  choice("cluster-preferred-endpoint-type", "ip", ["ip", "hostname", "unknown-endpoint"], {
    summary: "What clients are sent to: an address, a host name, or the one that they know.",
    awaits,
  }),
  yesNo("cluster-require-full-coverage", true, {
    summary: "Answers queries only while every slot is served.",
    awaits,
  }),
  yesNo("cluster-allow-reads-when-down", false, {
    summary: "Answers reads even while the cluster is down.",
    awaits,
  }),
  yesNo("cluster-allow-pubsubshard-when-down", true, {
    summary: "Delivers sharded messages even while the cluster is down.",
    awaits,
  }),
  integer("cluster-replica-validity-factor", 10, {
    summary: "How old a replica's data may be for it to take over, in node timeouts; 0 is any age.",
    alias: "cluster-slave-validity-factor",
    min: 0,
    max: intMax,
    awaits,
  }),
  yesNo("cluster-replica-no-failover", false, {
    summary: "Keeps a replica from taking over by itself.",
    alias: "cluster-slave-no-failover",
    awaits,
  }),
  integer("cluster-migration-barrier", 1, {
    summary: "Replicas that a primary keeps before one may move to another primary.",
    min: 0,
    max: intMax,
    awaits,
  }),
  yesNo("cluster-allow-replica-migration", true, {
    summary: "Lets replicas move to primaries that have none.",
    awaits,
  }),
  integer("cluster-link-sendbuf-limit", 0, {
    summary: "Bytes that may wait for another node before the link is closed; 0 is no limit.",
    min: 0,
    max: unsignedLongMax,
    unit: "memory",
    unsigned: true,
    awaits,
  }),
] as const;
