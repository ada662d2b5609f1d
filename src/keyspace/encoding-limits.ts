// Up to which size a collection keeps its compact encoding: Redis's parameters, by the names of the
// configuration. The server keeps the values up to date; these are Redis's defaults.

export interface EncodingLimits {
  hashMaxListpackEntries: number;
  hashMaxListpackValue: number;
  setMaxIntsetEntries: number;
  setMaxListpackEntries: number;
  setMaxListpackValue: number;
  zsetMaxListpackEntries: number;
  zsetMaxListpackValue: number;
  /** Positive: items in a node; -1 to -5: 4, 8, 16, 32 or 64 KiB in a node. */
  listMaxListpackSize: number;
  listCompressDepth: number;
  /**
   * Bytes from which an element of a list gets a node of its own; 0: when it does not fit a node.
   * Only DEBUG sets it.
   */
  listPlainBytesMin: number;
  hllSparseMaxBytes: number;
  streamNodeMaxBytes: number;
  streamNodeMaxEntries: number;
}

export function defaultEncodingLimits(): EncodingLimits {
  return {
    hashMaxListpackEntries: 512,
    hashMaxListpackValue: 64,
    setMaxIntsetEntries: 512,
    setMaxListpackEntries: 128,
    setMaxListpackValue: 64,
    zsetMaxListpackEntries: 128,
    zsetMaxListpackValue: 64,
    listMaxListpackSize: -2,
    listCompressDepth: 0,
    listPlainBytesMin: 0,
    hllSparseMaxBytes: 3000,
    streamNodeMaxBytes: 4096,
    streamNodeMaxEntries: 100,
  };
}
