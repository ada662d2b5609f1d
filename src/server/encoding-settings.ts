// Hands the configuration's encoding parameters to the keyspace, which asks them when a collection
// grows.
import type { EncodingLimits } from "../keyspace/encoding-limits.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";

const encodingParameters: readonly ParameterName[] = [
  "hash-max-listpack-entries",
  "hash-max-listpack-value",
  "set-max-intset-entries",
  "set-max-listpack-entries",
  "set-max-listpack-value",
  "zset-max-listpack-entries",
  "zset-max-listpack-value",
  "list-max-listpack-size",
  "list-compress-depth",
  "hll-sparse-max-bytes",
  "stream-node-max-bytes",
  "stream-node-max-entries",
];

/** Copies the parameters into `limits`, now and whenever CONFIG SET changes one. */
export function applyEncodingSettings(config: Config, limits: EncodingLimits): void {
  const { values } = config;
  const apply = (): undefined => {
    limits.hashMaxListpackEntries = values.hashMaxListpackEntries;
    limits.hashMaxListpackValue = values.hashMaxListpackValue;
    limits.setMaxIntsetEntries = values.setMaxIntsetEntries;
    limits.setMaxListpackEntries = values.setMaxListpackEntries;
    limits.setMaxListpackValue = values.setMaxListpackValue;
    limits.zsetMaxListpackEntries = values.zsetMaxListpackEntries;
    limits.zsetMaxListpackValue = values.zsetMaxListpackValue;
    limits.listMaxListpackSize = values.listMaxListpackSize;
    limits.listCompressDepth = values.listCompressDepth;
    limits.hllSparseMaxBytes = values.hllSparseMaxBytes;
    limits.streamNodeMaxBytes = values.streamNodeMaxBytes;
    limits.streamNodeMaxEntries = values.streamNodeMaxEntries;
  };
  apply();
  for (const name of encodingParameters) config.onChange(name, apply);
}
