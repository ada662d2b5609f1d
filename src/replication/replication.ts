// Replication of one server, both sides: the history of its data, and what it is to others in it.
import type { Slices } from "../bytes/slices.ts";
import type { Engine } from "../engine/engine.ts";
import type {
  FailoverRequest,
  FollowedPrimary,
  FollowingControl,
} from "../engine/following-control.ts";
import type { RegisteredCommand } from "../engine/registered-command.ts";
import type { Database } from "../keyspace/database.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { Failover } from "./failover.ts";
import { Follower } from "./follower.ts";
import { LocalExpiries } from "./local-expiries.ts";
import { Peers } from "./peers.ts";
import { Primary } from "./primary.ts";
import { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";

export class Replication implements FollowingControl {
  readonly history: ReplicationHistory;
  /** To its replicas. */
  readonly asPrimary: Primary;
  /** To its primary. */
  readonly follower: Follower;
  readonly failover: Failover;
  readonly localExpiries: LocalExpiries;
  /** Other servers, reached for one request. */
  readonly peers: Peers;

  constructor(engine: Engine, persistence: Persistence, context: ReplicationContext) {
    this.history = new ReplicationHistory(engine.propagation, context.randomId);
    this.localExpiries = new LocalExpiries(engine.keyspace);
    this.peers = new Peers({ dial: context.dial, nowMs: () => engine.keyspace.nowMs });
    this.asPrimary = new Primary({
      engine,
      persistence,
      history: this.history,
      context,
      following: {
        isWithoutLink: () => this.primary !== undefined && this.follower.state !== "connected",
        holdsPings: () => this.failover.holdsPings,
        takeOver: () => this.stopFollowing(),
      },
    });
    this.follower = new Follower({
      engine,
      persistence,
      history: this.history,
      context,
      primary: this.asPrimary,
      isFailover: () => this.failover.isAsking,
      failoverAnswered: (isAccepted) => this.failover.answered(isAccepted),
    });
    this.failover = new Failover({
      engine,
      primary: this.asPrimary,
      context,
      isReplica: () => this.primary !== undefined,
      follow: (host, port) => this.follow(host, port),
      stopFollowing: () => this.stopFollowing(),
    });
    persistence.rdb.historyFacts = () => this.#facts();
    // What is dropped while loading, replicas that come back have to hear of.
    persistence.onLoading = () => this.history.createBacklog();
    persistence.onLoaded = (former) => {
      if (former === undefined) this.history.freeBacklog();
      else if (this.follower.target !== undefined) this.follower.restore(former);
      else this.asPrimary.restore(former.id, former.offset);
    };
  }

  get primary(): FollowedPrimary | undefined {
    const { target, state, offset } = this.follower;
    if (target === undefined || state === "none") return undefined;
    return { ...target, stateName: state, offset };
  }

  follow(host: string, port: number): void {
    this.follower.follow(host, port);
  }

  stopFollowing(): void {
    this.follower.stop();
  }

  acknowledge(): void {
    this.follower.acknowledge();
  }

  wroteLocally(db: Database, command: RegisteredCommand, args: Slices): void {
    this.localExpiries.note(db, command, args);
  }

  get isFailingOver(): boolean {
    return this.failover.stateName !== "no-failover";
  }

  failOver(request: FailoverRequest): void {
    this.failover.request(request);
  }

  abortFailover(reason: string): void {
    this.failover.abort(reason);
  }

  /** Several times a second. */
  tick(): void {
    this.failover.tick();
    this.follower.tick();
    this.localExpiries.tick();
    this.asPrimary.tick();
    this.peers.tick();
  }

  /** What a dump file tells of the history, so that replicas can go on after a restart. */
  #facts(): [string, string][] {
    const { history, follower } = this;
    const isFollowing = follower.target !== undefined;
    if (isFollowing ? !follower.hasPlace : history.backlog === undefined) return [];
    const database = isFollowing ? follower.streamDatabase : history.streamDatabase;
    return [
      ["repl-stream-db", String(database)],
      ["repl-id", history.id],
      ["repl-offset", String(history.offset)],
    ];
  }
}
