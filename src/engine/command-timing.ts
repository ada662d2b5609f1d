// How long commands take, and who is told: their own totals and histograms, SLOWLOG, LATENCY.
//
// Reading the clock twice costs a tenth of a GET. So of the commands that are cheap by nature only
// one call in sixteen is timed, and counts for sixteen; later one in 64. A cheap command can still
// be slow: it has much to move, or the machine stood still. The former shows in the request, and
// then the call is timed, or in the reply, and then it is measured from the last look at the clock,
// which lies a few cheap calls back at most. The latter shows at the end of the turn, which took
// longer than the limit with no command known that did: then every call is timed for a while. If
// that finds nothing (the machine was busy with something else) the next suspicion comes after
// twice the time. A limit below a millisecond lets every call be timed, always.
import type { Slices } from "../bytes/slices.ts";
import type { Waiter } from "./blocking.ts";
import type { Engine } from "./engine.ts";
import { LatencyHistogram } from "./latency-histogram.ts";
import { LatencyMonitor } from "./latency-monitor.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";
import { SlowLog } from "./slow-log.ts";

// Redis differs: it times every call.
/** One in so many calls of a cheap command is timed, once there were enough of them. */
const sampling = 16;
/** The same of one that is called very often. */
const sparseSampling = 64;
const sparseCalls = 16_384;
/** So many first calls of a command are timed each: few calls make an exact histogram. */
const exactCalls = 64;
/** A request with more arguments, or a last one of more bytes, is not cheap. */
const cheapArgumentsMax = 32;
const cheapArgumentBytesMax = 16 * 1024;
/** Nor was one whose reply is longer. */
export const cheapReplyBytesMax = 64 * 1024;
/** With a limit below this each call is timed. */
const sampledLimitUsMin = 1000;
const suspicionMs = 100;
/** Between the beginnings of two suspicions: from here, while they find nothing, to there. */
const suspicionGapMsMin = 200;
const suspicionGapMsMax = 60_000;

export class CommandTiming {
  readonly slowLog = new SlowLog();
  readonly latency: LatencyMonitor;
  /** `latency-tracking`. */
  isTracking = true;
  /** When the last call began that is timed. */
  startedUs = 0;
  readonly #engine: Engine;
  /** The smaller of the two limits above which somebody is told; Infinity: nobody wants to know. */
  #limitUs = Infinity;
  #timesAll = false;
  #suspicionEndMs = 0;
  #nextSuspicionMs = 0;
  #suspicionGapMs = suspicionGapMsMin;
  /** Cheap calls since the last that was timed. */
  #untimed = 0;
  /** The last look at the clock. */
  #lastUs = 0;
  /** What the commands took that are known to be slow, of this turn. */
  #slowUs = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.latency = new LatencyMonitor(() => engine.keyspace.nowMs);
    this.limitsChanged();
  }

  /** The thresholds of SLOWLOG or LATENCY are others now. */
  limitsChanged(): void {
    const { thresholdMs } = this.latency;
    const latencyUs = thresholdMs === 0 ? Infinity : thresholdMs * 1000;
    this.#limitUs = Math.min(this.slowLog.thresholdUs, latencyUs);
    this.#decide();
  }

  #decide(): void {
    const isSuspicious = this.#engine.keyspace.nowMs < this.#suspicionEndMs;
    this.#timesAll = this.#limitUs < sampledLimitUsMin || isSuspicious;
  }

  turnBegan(nowUs: number): void {
    this.#lastUs = nowUs;
    this.#slowUs = 0;
    this.#decide();
  }

  turnEnded(turnUs: number): void {
    if (turnUs - this.#slowUs < this.#limitUs) return;
    const { nowMs } = this.#engine.keyspace;
    if (nowMs < this.#nextSuspicionMs) return;
    this.#suspicionEndMs = nowMs + suspicionMs;
    this.#nextSuspicionMs = nowMs + this.#suspicionGapMs;
    this.#suspicionGapMs = Math.min(2 * this.#suspicionGapMs, suspicionGapMsMax);
  }

  /** How many calls the measurement of the next stands for; 0: do not measure. */
  weightOf(command: RegisteredCommand, args: Slices): number {
    if (!command.isCheap || command.calls < exactCalls || this.#timesAll) return 1;
    const last = args.count - 1;
    if (last >= cheapArgumentsMax || args.lengths[last] > cheapArgumentBytesMax) return 1;
    this.#untimed++;
    const weight = command.calls < sparseCalls ? sampling : sparseSampling;
    if (this.#untimed < weight) return 0;
    this.#untimed = 0;
    return weight;
  }

  start(): number {
    this.startedUs = this.#engine.host.clock.monotonicUs();
    return this.startedUs;
  }

  /** A command has run that was timed. */
  ran(
    session: Session,
    command: RegisteredCommand,
    args: Slices,
    startUs: number,
    weight: number,
  ): void {
    const nowUs = this.#engine.host.clock.monotonicUs();
    const us = nowUs - startUs;
    this.#lastUs = nowUs;
    if (session.waiter === undefined) this.#record(session, command, args, us, weight);
    else session.waiter.ranUs = us;
  }

  /** A command has run that was not timed, but whose reply tells that it was not cheap. */
  ranUntimed(session: Session, command: RegisteredCommand, args: Slices): void {
    const nowUs = this.#engine.host.clock.monotonicUs();
    const us = nowUs - this.#lastUs;
    this.#lastUs = nowUs;
    // Its time is in the command's totals already: the calls that are timed stand for it.
    if (us >= this.#limitUs) this.#tell(session, command, args, us);
  }

  /** A command that had waited has replied; `us` is what that took. */
  served({ session, command, args, ranUs }: Waiter, us: number): void {
    command.calls++;
    this.#record(session, command, args, ranUs + us, 1);
  }

  #record(
    session: Session,
    command: RegisteredCommand,
    args: Slices,
    us: number,
    weight: number,
  ): void {
    command.microseconds += us * weight;
    this.#engine.statistics.commandUs += us * weight;
    if (session.isFromFile) return;
    if (this.isTracking) {
      const histogram = (command.histogram ??= new LatencyHistogram());
      histogram.record(us, weight);
    }
    if (us >= this.#limitUs) this.#tell(session, command, args, us);
  }

  #tell(session: Session, command: RegisteredCommand, args: Slices, us: number): void {
    this.#slowUs += us;
    if (command.isCheap) this.#suspicionGapMs = suspicionGapMsMin;
    this.latency.add(command.has(commandBit.fast) ? "fast-command" : "command", us / 1000);
    const { slowLog } = this;
    if (us < slowLog.thresholdUs || command.has(commandBit.skipSlowlog)) return;
    const secrets = command.declaration.secretArguments?.(args, this.#engine) ?? [];
    slowLog.add(session, args, secrets, {
      microseconds: us,
      nowMs: this.#engine.host.clock.nowMs(),
    });
  }

  /** `latency-tracking` is switched: what is not tracked does not count among the tracked calls. */
  track(isOn: boolean): void {
    if (isOn && !this.isTracking) {
      for (const each of this.#engine.registered) {
        each.untrackedCalls = each.calls - (each.histogram?.total ?? 0);
      }
    }
    this.isTracking = isOn;
  }
}
