// FAILOVER: hands the role of the primary to one of its replicas. Nothing is written until the
// replica has everything; then it is told to become the primary, and we follow it.
//
//   waiting-for-sync -> failover-in-progress -> done: we are its replica, and writes go on
import type { Engine } from "../engine/engine.ts";
import type { FailoverRequest } from "../engine/following-control.ts";
import { Failure } from "../keyspace/failure.ts";
import type { Primary } from "./primary.ts";
import type { Replica } from "./replica.ts";
import type { ReplicationContext } from "./replication-settings.ts";

const alreadyUnderWay = new Failure("ERR FAILOVER already in progress.");
const onReplica = new Failure("ERR FAILOVER is not valid when server is a replica.");
const withoutReplicas = new Failure("ERR FAILOVER requires connected replicas.");
const forceNeedsMore = new Failure(
  "ERR FAILOVER with force option requires both a timeout and target HOST and IP.",
);
const targetUnknown = new Failure("ERR FAILOVER target HOST and PORT is not a replica.");
const targetOffline = new Failure("ERR FAILOVER target replica is not online.");

export interface FailoverOptions {
  readonly engine: Engine;
  readonly primary: Primary;
  readonly context: ReplicationContext;
  isReplica(): boolean;
  follow(host: string, port: number): void;
  stopFollowing(): void;
}

export class Failover {
  /** In Redis's words: INFO shows it. */
  stateName: "no-failover" | "waiting-for-sync" | "failover-in-progress" = "no-failover";
  readonly #options: FailoverOptions;
  #target: { host: string; port: number } | undefined;
  /** In ms since 1970; 0: it may take any time. */
  #deadlineMs = 0;
  #isForced = false;

  constructor(options: FailoverOptions) {
    this.#options = options;
  }

  /** The replica has been asked to take over. */
  get isAsking(): boolean {
    return this.stateName === "failover-in-progress";
  }

  /** Pings would move the offset that the replica is to reach in time. */
  get holdsPings(): boolean {
    return this.stateName !== "no-failover" && this.#deadlineMs > 0;
  }

  /** Throws a Failure when it cannot be. */
  request({ to, timeoutMs, isForced }: FailoverRequest): void {
    const { engine, primary, context } = this.#options;
    if (this.stateName !== "no-failover") throw alreadyUnderWay;
    if (this.#options.isReplica()) throw onReplica;
    if (primary.replicas.size === 0) throw withoutReplicas;
    if (isForced && (timeoutMs === 0 || to === undefined)) throw forceNeedsMore;
    if (to !== undefined) {
      const replica = this.#find(to);
      if (replica === undefined) throw targetUnknown;
      if (replica.state !== "online") throw targetOffline;
      context.log("notice", `FAILOVER requested to ${to.host}:${to.port}.`);
    } else {
      context.log("notice", "FAILOVER requested to any replica.");
    }
    this.#target = to;
    this.#deadlineMs = timeoutMs === 0 ? 0 : engine.keyspace.nowMs + timeoutMs;
    this.#isForced = isForced;
    this.stateName = "waiting-for-sync";
    engine.pause.begin("write", Infinity, "failover_in_progress");
  }

  #find({ host, port }: { host: string; port: number }): Replica | undefined {
    for (const replica of this.#options.primary.replicas) {
      const isSame = replica.address.toLowerCase() === host.toLowerCase();
      if (isSame && replica.profile.listeningPort === port) return replica;
    }
    return undefined;
  }

  /** Several times a second. */
  tick(): void {
    if (this.stateName !== "waiting-for-sync") return;
    const { engine, context, primary } = this.#options;
    const target = this.#target;
    if (this.#deadlineMs > 0 && engine.keyspace.nowMs >= this.#deadlineMs) {
      if (!this.#isForced || target === undefined) {
        this.abort("Replica never caught up before timeout");
        return;
      }
      context.log(
        "notice",
        `FAILOVER to ${target.host}:${target.port} time out exceeded, failing over.`,
      );
      this.#handOver(target);
      return;
    }
    const replica = target === undefined ? this.#findCaughtUp() : this.#find(target);
    if (replica === undefined || replica.ackOffset !== primary.offset) return;
    const chosen = { host: replica.address, port: replica.profile.listeningPort };
    this.#target = chosen;
    context.log("notice", `Failover target ${chosen.host}:${chosen.port} is synced, failing over.`);
    this.#handOver(chosen);
  }

  #findCaughtUp(): Replica | undefined {
    const { primary } = this.#options;
    for (const replica of primary.replicas) {
      if (replica.ackOffset === primary.offset) return replica;
    }
    return undefined;
  }

  #handOver({ host, port }: { host: string; port: number }): void {
    this.stateName = "failover-in-progress";
    this.#options.follow(host, port);
  }

  /** What the replica said when it was asked to take over. */
  answered(isAccepted: boolean): void {
    if (isAccepted) this.#clear();
    else this.abort("Failover target rejected psync request");
  }

  abort(reason: string): void {
    if (this.stateName === "no-failover") return;
    const { context } = this.#options;
    const target = this.#target;
    const name = target === undefined ? "any replica" : `${target.host}:${target.port}`;
    context.log("notice", `FAILOVER to ${name} aborted: ${reason}`);
    if (this.isAsking) this.#options.stopFollowing();
    this.#clear();
  }

  #clear(): void {
    this.stateName = "no-failover";
    this.#target = undefined;
    this.#deadlineMs = 0;
    this.#isForced = false;
    this.#options.engine.pause.end("failover_in_progress");
  }
}
