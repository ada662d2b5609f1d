// Our own event loop on Linux: epoll, with Node's loop inside it or it inside Node's.
//
// While there is work, or was a moment ago, we wait in our own epoll set, of which Node's loop
// (its descriptor becomes ready when it has anything to do) is a member:
//
//   awake   ours = { sockets, Node's loop }      asleep   Node's loop = { its own, ours }
//
// Every millisecond, and whenever its descriptor is ready, Node has its turn for timers, files,
// signals and sockets of its own. After a while without anything we go to sleep: then Node waits
// for our set, as one of its own descriptors, and an idle server costs nothing. An epoll set may
// not contain itself, so the two never hold each other at the same time.
//
// Going to sleep costs the more the larger our set is: before the system puts it into another it
// looks at each of its descriptors, which takes three milliseconds for 10,000. So with many of them
// it must have been quiet for longer, until staying awake has cost about as much.
//
// All work is done in a callback of `setImmediate`, so that promises and exceptions of what it
// calls are treated as Node always does.
import type { Libc, Pinned } from "./libc.ts";

/** What a descriptor waits for, and what has happened to it: bits of epoll. */
export const interest = { read: 1, write: 4, error: 8, hangUp: 16 } as const;

/** Whoever has a descriptor in the set. */
export interface Watcher {
  /** Bits of `interest`. What is left to do is told again. */
  ready(events: number): void;
}

const operation = { add: 1, remove: 2, modify: 3 } as const;
const closeOnExec = 0x80000;
const uvPollKind = 8;
const uvReadable = 1;
const eventsMax = 1024;
/** On x64 the structure is packed, elsewhere its second word is filling. */
const eventWords = process.arch === "x64" ? 3 : 4;
const eventDataWord = process.arch === "x64" ? 1 : 2;
/** How long Node waits for its turn at most, and how long it must at least be quiet for sleep. */
const roundMs = 1;
/** To be awake for a millisecond without work costs about as much as looking at so many of them. */
const membersPerQuietMs = 50;
/** However many there are, after that it sleeps. */
const quietMsMax = 500;
const noDescriptor = -1;
/**
 * So many members must have had something in a millisecond for a nap: then it is short against the
 * time from one request of a client to its next. Without naps most turns would be for one or two of
 * them; a system call and the end of a turn for each is a tenth of all that they cost.
 */
const gatheringMembersMin = 32;
/** A turn with so many events was worth its cost. */
const gatheredEvents = 8;
/** Naps would be longer by 50 µs, the slack that the system allows itself for timers. */
const setTimerSlack = 29;
const timerSlackNs = 1000n;

/** libuv uses a handle until its close is done, which nobody tells us: they are kept for good. */
const pollHandles: Pinned[] = [];

interface Member {
  readonly watcher: Watcher;
  /** Tells events of this member from those of an earlier one that had the same descriptor. */
  readonly generation: number;
  events: number;
  /** The last window in which it had something. */
  window: number;
}

export class EpollLoop {
  readonly libc: Libc;
  readonly #nowMs: () => number;
  readonly #set: number;
  readonly #events;
  readonly #event;
  /** Events of a delivery inside another. */
  #inner: Pinned | undefined;
  /** By descriptor. */
  readonly #members: (Member | undefined)[] = [];
  readonly #nodeDescriptor: number;
  readonly #pollHandle: bigint;
  readonly #woken: bigint;
  readonly #run: () => void;
  #generation = 0;
  #memberCount = 0;
  /** How long a nap is; 0: none. */
  #gatheringUs = 0;
  /** Windows of a millisecond, by which it is counted how many members are active. */
  #window = 0;
  #windowEndMs = 0;
  #activeCount = 0;
  #isGathering = false;
  /** When a socket last had something for us. */
  #lastEventMs = 0;
  #isAsleep = true;
  /** Node saw, while we slept, that our set is ready. */
  #hasEvents = false;
  #isScheduled = false;
  #isRunning = false;
  #isClosed = false;
  #yields = false;
  /** What ends the turn that is under way. */
  #turnEnd: (() => void) | undefined;
  #deferred: (() => void)[] = [];

  /** `nowMs` is a clock that never goes back. */
  constructor(libc: Libc, nowMs: () => number) {
    this.libc = libc;
    this.#nowMs = nowMs;
    this.#events = libc.pin(eventsMax * eventWords * 4);
    this.#event = libc.pin(eventWords * 4);
    this.#run = () => this.#wake();
    this.#set = libc.epoll_create1(closeOnExec);
    if (this.#set < 0) throw new Error(`epoll_create1: error ${libc.errno()}`);
    this.#nodeDescriptor = libc.uv_backend_fd(libc.uvLoop);
    const handle = libc.pin(Number(libc.uv_handle_size(uvPollKind)));
    pollHandles.push(handle);
    this.#pollHandle = handle.address;
    this.#woken = libc.callback(() => {
      this.#hasEvents = true;
      this.#schedule();
    });
    const status = libc.uv_poll_init(libc.uvLoop, this.#pollHandle, this.#set, 0);
    if (status !== 0) throw new Error(`uv_poll_init: error ${status}`);
    libc.uv_poll_start(this.#pollHandle, uvReadable, this.#woken, 0);
  }

  /** From now on the watcher is told what happens to the descriptor. */
  add(descriptor: number, watcher: Watcher, events: number): void {
    this.#generation = (this.#generation + 1) >>> 0;
    this.#members[descriptor] = { watcher, generation: this.#generation, events, window: 0 };
    this.#memberCount++;
    if (!this.#control(operation.add, descriptor, events, this.#generation)) {
      throw new Error(`epoll_ctl: error ${this.libc.errno()}`);
    }
  }

  /** What is to be told from now on; errors and the end always are. */
  change(descriptor: number, events: number): void {
    const member = this.#members[descriptor];
    if (member === undefined || member.events === events) return;
    member.events = events;
    this.#control(operation.modify, descriptor, events, member.generation);
  }

  /** Forgets a descriptor, which its owner closes then. */
  remove(descriptor: number): void {
    if (this.#members[descriptor] === undefined) return;
    this.#members[descriptor] = undefined;
    this.#memberCount--;
    this.#control(operation.remove, descriptor, 0, 0);
  }

  /**
   * How long it naps, in microseconds, to gather requests as network cards do packets: when many
   * members are active and few have something. 0: never.
   */
  gatherFor(us: number): void {
    this.#gatheringUs = us;
    if (us > 0) this.libc.prctl(setTimerSlack, timerSlackNs, 0n, 0n, 0n);
  }

  /** Calls `end` when all that is ready now has been delivered: the end of a turn. */
  schedule(end: () => void): void {
    this.#turnEnd = end;
    if (!this.#isRunning) this.#schedule();
  }

  /**
   * Delivers what is ready, in the middle of a delivery, to all but one descriptor. Node has no
   * turn.
   */
  poll(exceptDescriptor: number): boolean {
    const events = (this.#inner ??= this.libc.pin(eventsMax * eventWords * 4));
    const count = this.libc.epoll_wait(this.#set, events.address, eventsMax, 0);
    this.#deliver(events.words, count, exceptDescriptor);
    return true;
  }

  /** Node has its turn as soon as this one is over: what was begun may be waiting for a promise. */
  yield(): void {
    this.#yields = true;
  }

  /** Calls `run` soon, when nothing else of this loop is running. */
  defer(run: () => void): void {
    this.#deferred.push(run);
    if (!this.#isRunning) this.#schedule();
  }

  /** Everybody has removed their descriptors; nothing is delivered any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isAsleep) this.#control(operation.remove, this.#nodeDescriptor, 0, 0);
    this.libc.uv_poll_stop(this.#pollHandle);
    this.libc.uv_close(this.#pollHandle, 0n);
    this.libc.close(this.#set);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  #wake(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    this.#isRunning = true;
    try {
      if (this.#isAsleep && !this.#hasEvents) {
        // A timer began a turn, ten times a second when idle: getting up for that would cost more.
        this.#endTurn();
        return;
      }
      if (this.#isAsleep) this.#stayAwake();
      if (!this.#rounds()) this.#sleep();
    } finally {
      this.#isRunning = false;
      // Also when something has thrown, which Node reports: the others go on.
      if (!this.#isAsleep || this.#isBusy) this.#schedule();
    }
  }

  /** Works for one round; whether there is, or may be, more to do. */
  #rounds(): boolean {
    const { libc } = this;
    const endMs = this.#nowMs() + roundMs;
    this.#yields = false;
    let timeoutMs = 0;
    for (;;) {
      const count = libc.epoll_wait(this.#set, this.#events.address, eventsMax, timeoutMs);
      if (count < 0) return true;
      if (count === 0 && !this.#isBusy) {
        if (this.#nowMs() - this.#lastEventMs >= this.#sleepyMs) return false;
        if (timeoutMs > 0) return true;
        timeoutMs = roundMs;
        continue;
      }
      const isNodeReady = this.#deliver(this.#events.words, count, noDescriptor);
      this.#endTurn();
      if (this.#isClosed) return false;
      const nowMs = this.#nowMs();
      if (count > (isNodeReady ? 1 : 0)) this.#lastEventMs = nowMs;
      if (nowMs >= this.#windowEndMs) this.#beginWindow(nowMs);
      if (isNodeReady || this.#yields || nowMs >= endMs) return true;
      timeoutMs = this.#isBusy ? 0 : roundMs;
      if (this.#isGathering && count < gatheredEvents && timeoutMs > 0) {
        libc.usleep(this.#gatheringUs);
      }
    }
  }

  /** A millisecond is over in which so many were active; the next one has naps, or has not. */
  #beginWindow(nowMs: number): void {
    this.#isGathering = this.#gatheringUs > 0 && this.#activeCount >= gatheringMembersMin;
    this.#activeCount = 0;
    this.#window++;
    this.#windowEndMs = nowMs + 1;
  }

  /** How long it must be quiet before we sleep. */
  get #sleepyMs(): number {
    return Math.min(roundMs + Math.floor(this.#memberCount / membersPerQuietMs), quietMsMax);
  }

  get #isBusy(): boolean {
    return this.#turnEnd !== undefined || this.#deferred.length > 0;
  }

  /** Tells the watchers; whether Node has something to do. */
  #deliver(words: Uint32Array, count: number, exceptDescriptor: number): boolean {
    let isNodeReady = false;
    for (let index = 0; index < count; index++) {
      const at = index * eventWords;
      const descriptor = words[at + eventDataWord];
      if (descriptor === this.#nodeDescriptor) {
        isNodeReady = true;
        continue;
      }
      if (descriptor === exceptDescriptor) continue;
      const member = this.#members[descriptor];
      if (member === undefined || member.generation !== words[at + eventDataWord + 1]) continue;
      if (member.window !== this.#window) {
        member.window = this.#window;
        this.#activeCount++;
      }
      member.watcher.ready(words[at]);
    }
    return isNodeReady;
  }

  #endTurn(): void {
    const end = this.#turnEnd;
    this.#turnEnd = undefined;
    end?.();
    if (this.#deferred.length === 0) return;
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const run of deferred) run();
  }

  #stayAwake(): void {
    this.#isAsleep = false;
    this.#hasEvents = false;
    this.libc.uv_poll_stop(this.#pollHandle);
    this.#control(operation.add, this.#nodeDescriptor, interest.read, 0);
  }

  #sleep(): void {
    if (this.#isClosed) return;
    this.#isAsleep = true;
    this.#control(operation.remove, this.#nodeDescriptor, 0, 0);
    this.libc.uv_poll_start(this.#pollHandle, uvReadable, this.#woken, 0);
  }

  #control(kind: number, descriptor: number, events: number, generation: number): boolean {
    const { words, address } = this.#event;
    words[0] = events;
    words[eventDataWord] = descriptor;
    words[eventDataWord + 1] = generation;
    return this.libc.epoll_ctl(this.#set, kind, descriptor, address) === 0;
  }
}
