// CLUSTER, as a server that is not a node of a cluster answers it: every subcommand is known, with
// its syntax and rights, and refused.
import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import { help } from "../../engine/help.ts";
import { block, integer, many, oneOf, optional, string, token } from "../../engine/word.ts";
import { noCluster } from "./no-cluster.ts";

const shared = {
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  run(): void {
    throw noCluster;
  },
} as const;
/** Of those that look. */
const looking = { ...shared, flags: ["stale"] } as const;
/** Of those that change the cluster. */
const changing = { ...shared, flags: ["no_async_loading", "admin", "stale"] } as const;

const nondeterministic = { tips: ["nondeterministic_output"] } as const;
const ofNodes = { complexity: "O(N) where N is the total number of Cluster nodes" } as const;
const ofReplicas = { complexity: "O(N) where N is the number of replicas." } as const;
const ofSlots = {
  complexity: "O(N) where N is the total number of hash slot arguments",
  words: [many(integer("slot"))],
} as const;
const ofRanges = {
  since: "7.0.0",
  complexity:
    "O(N) where N is the total number of the slots between the start slot and end slot arguments.",
  words: [many(block("range", [integer("start-slot"), integer("end-slot")]))],
} as const;

const slotCommands: readonly CommandDeclaration[] = [
  command({ ...changing, ...ofSlots, name: "ADDSLOTS", summary: "Gives this node slots." }),
  command({
    ...changing,
    ...ofRanges,
    name: "ADDSLOTSRANGE",
    summary: "Gives this node ranges of slots.",
  }),
  command({
    ...looking,
    name: "COUNTKEYSINSLOT",
    summary: "Replies with the number of keys of a slot.",
    words: [integer("slot")],
  }),
  command({ ...changing, ...ofSlots, name: "DELSLOTS", summary: "Takes slots from this node." }),
  command({
    ...changing,
    ...ofRanges,
    name: "DELSLOTSRANGE",
    summary: "Takes ranges of slots from this node.",
  }),
  command({
    ...changing,
    name: "FLUSHSLOTS",
    summary: "Takes all slots from this node.",
    words: [],
  }),
  command({
    ...looking,
    ...nondeterministic,
    name: "GETKEYSINSLOT",
    summary: "Replies with keys of a slot.",
    complexity: "O(N) where N is the number of requested keys",
    words: [integer("slot"), integer("count")],
  }),
  command({
    ...looking,
    name: "KEYSLOT",
    summary: "Replies with the slot of a key.",
    complexity: "O(N) where N is the number of bytes in the key",
    words: [string("key")],
  }),
  command({
    ...changing,
    name: "SETSLOT",
    summary: "Binds a slot to a node, or says that it is on its way.",
    words: [
      integer("slot"),
      oneOf("subcommand", [
        string("importing", { token: "IMPORTING", display: "node-id" }),
        string("migrating", { token: "MIGRATING", display: "node-id" }),
        string("node", { token: "NODE", display: "node-id" }),
        token("stable"),
      ]),
    ],
  }),
];

const nodeCommands: readonly CommandDeclaration[] = [
  command({
    ...changing,
    name: "FORGET",
    summary: "Removes a node from the table of nodes.",
    words: [string("node-id")],
  }),
  command({
    ...changing,
    name: "MEET",
    summary: "Makes another node known to this one.",
    history: [["4.0.0", "Added the optional `cluster_bus_port` argument."]],
    words: [string("ip"), integer("port"), optional(integer("cluster-bus-port"))],
  }),
  command({
    ...changing,
    name: "REPLICATE",
    summary: "Makes this node a replica of another.",
    words: [string("node-id")],
  }),
  command({
    ...shared,
    name: "RESET",
    summary: "Makes this node a new one, which knows no other.",
    complexity:
      "O(N) where N is the number of known nodes. " +
      "The command may execute a FLUSHALL as a side effect.",
    flags: ["admin", "stale", "noscript"],
    words: [optional(oneOf("reset-type", [token("hard"), token("soft")]))],
  }),
  command({
    ...changing,
    name: "FAILOVER",
    summary: "Lets a replica take the place of its primary.",
    words: [optional(oneOf("options", [token("force"), token("takeover")]))],
  }),
  command({
    ...changing,
    ...nondeterministic,
    name: "BUMPEPOCH",
    summary: "Raises the configuration epoch.",
    words: [],
  }),
  command({
    ...changing,
    name: "SET-CONFIG-EPOCH",
    summary: "Sets the configuration epoch of a new node.",
    words: [integer("config-epoch")],
  }),
  command({
    ...changing,
    name: "SAVECONFIG",
    summary: "Writes the file of nodes.",
    words: [],
  }),
];

const views: readonly CommandDeclaration[] = [
  command({
    ...shared,
    ...nondeterministic,
    name: "COUNT-FAILURE-REPORTS",
    summary: "Replies with how many nodes think that a node is down.",
    complexity: "O(N) where N is the number of failure reports",
    flags: ["admin", "stale"],
    words: [string("node-id")],
  }),
  command({
    ...looking,
    ...nondeterministic,
    name: "INFO",
    summary: "Replies with the state of the cluster.",
    words: [],
  }),
  command({
    ...looking,
    ...nondeterministic,
    ...ofNodes,
    name: "LINKS",
    summary: "Replies with the connections to other nodes.",
    since: "7.0.0",
    words: [],
  }),
  command({ ...looking, name: "MYID", summary: "Replies with this node's ID.", words: [] }),
  command({
    ...looking,
    ...nondeterministic,
    name: "MYSHARDID",
    summary: "Replies with the ID of this node's shard.",
    since: "7.2.0",
    words: [],
  }),
  command({
    ...looking,
    ...nondeterministic,
    ...ofNodes,
    name: "NODES",
    summary: "Replies with the table of nodes.",
    words: [],
  }),
  command({
    ...shared,
    ...nondeterministic,
    ...ofReplicas,
    name: "REPLICAS",
    summary: "Replies with the replicas of a node.",
    since: "5.0.0",
    flags: ["admin", "stale"],
    words: [string("node-id")],
  }),
  command({
    ...shared,
    ...nondeterministic,
    name: "SHARDS",
    summary: "Replies with the slots and nodes of each shard.",
    since: "7.0.0",
    complexity: "O(N) where N is the total number of cluster nodes",
    flags: ["loading", "stale"],
    words: [],
  }),
  command({
    ...shared,
    ...nondeterministic,
    ...ofReplicas,
    name: "SLAVES",
    summary: "CLUSTER REPLICAS under its old name.",
    flags: ["admin", "stale"],
    deprecated: { since: "5.0.0", replacedBy: "`CLUSTER REPLICAS`" },
    words: [string("node-id")],
  }),
  command({
    ...shared,
    ...nondeterministic,
    ...ofNodes,
    name: "SLOTS",
    summary: "Replies with the nodes of each range of slots.",
    flags: ["loading", "stale"],
    history: [
      ["4.0.0", "Added node IDs."],
      ["7.0.0", "Added additional networking metadata field."],
    ],
    deprecated: { since: "7.0.0", replacedBy: "`CLUSTER SHARDS`" },
    words: [],
  }),
];

export const cluster: CommandDeclaration = command({
  name: "CLUSTER",
  summary: "Commands about the cluster that a server is a node of.",
  since: "3.0.0",
  group: "cluster",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [...slotCommands, ...nodeCommands, ...views, help(() => cluster, "5.0.0")],
});
