// A replica as its primary sees it: who it is, what it understands, how far it is.
//
//   waiting    for a snapshot to begin
//   snapshot   one is being made for it: written to a file, or sent as it is made
//   sending    the file is on its way
//   online     it follows the stream
import type { ReplicaProfile, ReplicaView } from "../engine/replication-control.ts";
import type { SessionLink } from "../engine/session.ts";
import type { LogReader } from "./log-reader.ts";
import type { BacklogReader } from "./replication-history.ts";

export type ReplicaState = "waiting" | "snapshot" | "sending" | "online";

/** What a client that has told nothing of itself is taken for. */
export function unknownProfile(): ReplicaProfile {
  return {
    listeningPort: 0,
    address: "",
    understandsMark: false,
    understandsNewId: false,
    wantsOnlySnapshot: false,
    excludesData: false,
    excludesFunctions: false,
    version: 0,
  };
}

/** A replica's connection, as much of it as replication needs. */
export type ReplicaLink = Pick<
  SessionLink,
  "remoteAddress" | "direct" | "closeAfterReply" | "close"
>;

export interface ReplicaOptions {
  readonly id: number;
  readonly link: ReplicaLink;
  readonly profile: ReplicaProfile;
  /** It speaks the protocol of before PSYNC: nothing is heard from it. */
  readonly isOld: boolean;
  readonly nowMs: number;
}

export class Replica implements BacklogReader, ReplicaView {
  /** Of its session. */
  readonly id: number;
  readonly link: ReplicaLink;
  readonly profile: ReplicaProfile;
  readonly isOld: boolean;
  /** When it asked. */
  readonly sinceMs: number;
  state: ReplicaState = "waiting";
  /** How far it has applied the stream, and how far that is safe in its append-only file. */
  ackOffset = 0;
  ackAofOffset = 0;
  ackMs: number;
  /** Nothing of the stream is sent before it acknowledges the snapshot. */
  awaitsAck = false;
  /** Where it stands in the backlog; undefined until its snapshot begins. */
  stream: LogReader | undefined;
  /** How it is sent its snapshot, while it is. */
  transfer: { readonly leftBytes: number; stop(): void } | undefined;
  /** Where in the stream its snapshot was taken. */
  initialOffset = 0;
  /** When the output first passed the soft limit; 0: it is below. */
  softLimitSinceMs = 0;

  constructor(options: ReplicaOptions) {
    this.id = options.id;
    this.link = options.link;
    this.profile = options.profile;
    this.isOld = options.isOld;
    this.sinceMs = options.nowMs;
    this.ackMs = options.nowMs;
  }

  get heldPlace(): number {
    return this.stream === undefined ? Infinity : this.stream.heldPlace;
  }

  /** What of the stream and of the snapshot waits for it. */
  get outputBytes(): number {
    return (this.stream?.leftBytes ?? 0) + (this.transfer?.leftBytes ?? 0);
  }

  get address(): string {
    if (this.profile.address !== "") return this.profile.address;
    const { remoteAddress } = this.link;
    const host = remoteAddress.slice(0, remoteAddress.lastIndexOf(":"));
    return host.startsWith("[") ? host.slice(1, -1) : host;
  }

  /** For the log: address and port as it gives them. */
  get name(): string {
    const { listeningPort } = this.profile;
    const { address } = this;
    if (listeningPort === 0) return `${address}:<unknown-replica-port>`;
    return `${address.includes(":") ? `[${address}]` : address}:${listeningPort}`;
  }

  /** In Redis's words: INFO shows it. */
  get stateName(): "wait_bgsave" | "send_bulk" | "online" {
    if (this.state === "online") return "online";
    return this.state === "sending" ? "send_bulk" : "wait_bgsave";
  }

  /** It reads from here on and is behind by this much. */
  stop(): void {
    this.stream?.stop();
    this.transfer?.stop();
  }
}
