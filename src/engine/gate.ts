// Reasons to look at a request before it is run, as bits. With none set, on either side, `execute`
// goes straight to the handler.

/** Of one session. */
export const sessionGate = {
  unauthenticated: 1,
  multi: 2,
  subscribed: 4,
  monitor: 8,
  /** There is something that its user may not do. */
  restricted: 16,
  /** It gets the replication stream, and no replies. */
  replica: 32,
} as const;

/** Of the whole server. */
export const engineGate = {
  paused: 1,
  memoryLimit: 2,
  /** The data set is being loaded. */
  loading: 4,
  /** What is written could not be kept: `Host.persistence.refusal` says why. */
  unsaved: 8,
  /** A snapshot is being taken. */
  snapshot: 16,
  /** Somebody watches by MONITOR. */
  monitored: 32,
  /** Fewer replicas follow than `min-replicas-to-write` asks for. */
  fewReplicas: 64,
  /** The server is a replica. */
  following: 128,
  /** It is a replica, and takes no writes from clients. */
  readOnly: 256,
  /** It is a replica without a link to its primary, and must not answer from old data. */
  staleData: 512,
  /** A replica loads new data beside the old, which clients are served from. */
  asyncLoading: 1024,
  /** A script has run for too long, and other clients are served meanwhile. */
  busy: 2048,
} as const;
