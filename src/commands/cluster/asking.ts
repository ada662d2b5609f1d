import { command } from "../../engine/command.ts";
import { noCluster } from "./no-cluster.ts";

const shared = {
  since: "3.0.0",
  group: "cluster",
  complexity: "O(1)",
  categories: ["connection"],
  words: [],
  run(): void {
    throw noCluster;
  },
} as const;

export const asking = command({
  ...shared,
  name: "ASKING",
  summary: "Says that the next request comes here because another node has said ASK.",
  flags: ["fast"],
});

export const readOnly = command({
  ...shared,
  name: "READONLY",
  summary: "Lets the connection read from a node that is a replica.",
  flags: ["fast", "loading", "stale"],
});

export const readWrite = command({
  ...shared,
  name: "READWRITE",
  summary: "Takes READONLY back.",
  flags: ["fast", "loading", "stale"],
});
