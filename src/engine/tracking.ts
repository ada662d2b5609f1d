// Client-side caching: who is told that a key which it may have cached has changed.
//
// In the default mode the server remembers which keys a client has read, and tells it once when one
// of them changes. A broadcasting client names prefixes instead, is remembered nothing of, and is
// told of every change below them, at the end of the turn. Messages go to the client itself as
// RESP3 pushes, or to another connection that it names. Keys count without their database, as in
// Redis.
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { KeyEvent } from "../keyspace/key-event.ts";
import { keyEvents } from "../keyspace/key-event.ts";
import { interest } from "../keyspace/keyspace.ts";
import type { Engine } from "./engine.ts";
import { FoundKeys, findKeys } from "./key-finder.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

/** How a session is kept informed. */
export interface TrackingMode {
  readonly isBroadcast: boolean;
  /** Only reads after CLIENT CACHING YES are remembered. */
  readonly isOptIn: boolean;
  /** All but those after CLIENT CACHING NO. */
  readonly isOptOut: boolean;
  /** Its own changes are not told. */
  readonly isNoLoop: boolean;
  /** Id of the session that gets the messages; 0: itself. */
  readonly redirectId: number;
}

export interface TrackingState {
  mode: TrackingMode;
  readonly prefixes: Set<string>;
  /** Memory of the prefixes. */
  prefixBytes: number;
  /** CLIENT CACHING was given for the next command, by this one. */
  cachingGivenBy: RegisteredCommand | undefined;
  /** Who gets the messages is gone. */
  isRedirectBroken: boolean;
}

/** Who broadcasts below a prefix, and what has changed there in this turn, by whom. */
interface Prefix {
  readonly sessions: Set<Session>;
  readonly changed: Map<string, Session | undefined>;
}

/** Memory of one prefix of a client besides its letters, roughly. */
const prefixEntryBytes = 64;
const channel = "__redis__:invalidate";

export class Tracking {
  /** `tracking-table-max-keys`; 0: no limit. */
  keysMax = 1_000_000;
  readonly #engine: Engine;
  readonly #sessions = new Set<Session>();
  /** Keys (Latin-1) that were read, and by whom. */
  readonly #readers = new Map<string, Set<Session>>();
  readonly #prefixes = new Map<string, Prefix>();
  readonly #found = new FoundKeys();
  #readerCount = 0;
  /** All keys are gone, and it is not told yet. */
  isFlushed = false;
  #hasChanges = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get keyCount(): number {
    return this.#readers.size;
  }

  /** Keys, each counted for every client that has read it. */
  get itemCount(): number {
    return this.#readerCount;
  }

  get prefixCount(): number {
    return this.#prefixes.size;
  }

  /** Turns it on, or changes the mode; the prefixes are added. */
  enable(session: Session, mode: TrackingMode, prefixes: readonly string[]): void {
    session.tracking ??= {
      mode,
      prefixes: new Set(),
      prefixBytes: 0,
      cachingGivenBy: undefined,
      isRedirectBroken: false,
    };
    const state = session.tracking;
    state.mode = mode;
    state.isRedirectBroken = false;
    this.#sessions.add(session);
    this.#engine.keyspace.interest |= interest.tracking;
    if (!mode.isBroadcast) return;
    for (const prefix of prefixes.length === 0 ? [""] : prefixes) {
      if (!state.prefixes.has(prefix)) state.prefixBytes += prefixEntryBytes + prefix.length;
      state.prefixes.add(prefix);
      let entry = this.#prefixes.get(prefix);
      if (entry === undefined) {
        entry = { sessions: new Set(), changed: new Map() };
        this.#prefixes.set(prefix, entry);
      }
      entry.sessions.add(session);
    }
  }

  /** Turns it off; what was remembered goes as its keys change. */
  disable(session: Session): void {
    if (session.tracking === undefined) return;
    for (const prefix of session.tracking.prefixes) {
      const entry = this.#prefixes.get(prefix);
      entry?.sessions.delete(session);
      if (entry?.sessions.size === 0) this.#prefixes.delete(prefix);
    }
    session.tracking = undefined;
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    this.#engine.keyspace.interest &= ~interest.tracking;
    this.#readers.clear();
    this.#readerCount = 0;
  }

  /** A command has run for a session that is tracked: what it has read is remembered. */
  commandRan(
    session: Session,
    state: TrackingState,
    command: RegisteredCommand,
    args: Slices,
  ): void {
    // Of a script only what its commands have read, not what it was given.
    if (command.has(commandBit.readOnly) && !command.has(commandBit.skipMonitor)) {
      this.#remember(session, state, command, args);
    }
    const given = state.cachingGivenBy;
    if (given === undefined || this.#engine.isInTransaction) return;
    // What was given holds for a whole transaction, and through other subcommands of its container.
    if (session.transaction !== undefined || command.container === given.container) return;
    state.cachingGivenBy = undefined;
  }

  #remember(
    session: Session,
    { mode, cachingGivenBy }: TrackingState,
    command: RegisteredCommand,
    args: Slices,
  ): void {
    const { isBroadcast, isOptIn, isOptOut } = mode;
    const isGiven = cachingGivenBy !== undefined;
    if (isBroadcast || (isOptIn && !isGiven) || (isOptOut && isGiven)) return;
    findKeys(command, args, this.#found);
    for (let at = 0; at < this.#found.count; at++) {
      const key = args.latin1(this.#found.indexes[at]);
      let readers = this.#readers.get(key);
      if (readers === undefined) {
        readers = new Set();
        this.#readers.set(key, readers);
      }
      if (readers.has(session)) continue;
      readers.add(session);
      this.#readerCount++;
    }
  }

  keyChanged(bytes: Uint8Array, offset: number, length: number, event: KeyEvent): void {
    const key = latin1(bytes, offset, offset + length);
    const by = this.#engine.currentSession;
    // What expires or is evicted, no client has changed, whoever has come upon it.
    const isOwn = event !== keyEvents.expired && event !== keyEvents.evicted;
    for (const [prefix, { changed }] of this.#prefixes) {
      if (!key.startsWith(prefix)) continue;
      changed.set(key, isOwn ? by : undefined);
      this.#hasChanges = true;
    }
    this.#invalidate(key, by);
  }

  #invalidate(key: string, by: Session | undefined): void {
    const readers = this.#readers.get(key);
    if (readers === undefined) return;
    this.#readers.delete(key);
    this.#readerCount -= readers.size;
    for (const session of readers) {
      const { tracking } = session;
      if (tracking === undefined || tracking.mode.isBroadcast || session.isClosing) continue;
      if (tracking.mode.isNoLoop && session === by) continue;
      this.#send(session, tracking, [key]);
    }
  }

  /** All keys are gone: everybody is told, once for all databases of a command. */
  flushed(): void {
    this.isFlushed = true;
  }

  /** The end of a command, a whole transaction, or what else changes the data at once. */
  endUnit(): void {
    if (!this.isFlushed) return;
    this.isFlushed = false;
    this.#readers.clear();
    this.#readerCount = 0;
    for (const session of this.#sessions) {
      if (session.tracking !== undefined) this.#send(session, session.tracking, undefined);
    }
  }

  /** The end of the turn: broadcasts, and forgets what is beyond the limit. */
  endTurn(): void {
    this.endUnit();
    if (this.#hasChanges) this.#broadcast();
    if (this.keysMax === 0) return;
    for (const key of this.#readers.keys()) {
      if (this.#readers.size <= this.keysMax) break;
      this.#invalidate(key, undefined);
    }
  }

  #broadcast(): void {
    this.#hasChanges = false;
    for (const { sessions, changed } of this.#prefixes.values()) {
      if (changed.size === 0) continue;
      const all = [...changed.keys()];
      for (const session of sessions) {
        if (session.tracking === undefined) continue;
        const isOwn = (key: string): boolean => changed.get(key) === session;
        const keys = session.tracking.mode.isNoLoop ? all.filter((key) => !isOwn(key)) : all;
        if (keys.length > 0) this.#send(session, session.tracking, keys);
      }
      changed.clear();
    }
  }

  /** `keys` undefined: all of them. */
  #send(session: Session, state: TrackingState, keys: readonly string[] | undefined): void {
    const { redirectId } = state.mode;
    const receiver = redirectId === 0 ? session : this.#engine.sessions.get(redirectId);
    if (receiver === undefined || (receiver.isClosing && receiver !== session)) {
      state.isRedirectBroken = true;
      if (session.protocol > 2) {
        const notice = `>2\r\n$21\r\ntracking-redir-broken\r\n:${redirectId}\r\n`;
        this.#engine.push(session, asciiBytes(notice));
      }
      return;
    }
    if (receiver.protocol > 2) {
      const body = keys === undefined ? "_\r\n" : arrayOf(keys);
      this.#engine.push(receiver, asciiBytes(`>2\r\n$10\r\ninvalidate\r\n${body}`));
    } else if (redirectId !== 0 && receiver.subscriptionCount > 0) {
      const body = keys === undefined ? "$-1\r\n" : arrayOf(keys);
      const head = `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n`;
      this.#engine.push(receiver, asciiBytes(head + body));
    }
  }
}

function arrayOf(keys: readonly string[]): string {
  return `*${keys.length}\r\n${keys.map((key) => `$${key.length}\r\n${key}\r\n`).join("")}`;
}
