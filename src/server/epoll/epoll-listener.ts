// Listening on our own loop: TCP on one address, or a Unix socket.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { getSystemErrorName } from "node:util";
import type { ListenTarget, ListenerOptions } from "../net-listener.ts";
import { isLoopback, joinAddress } from "../net-listener.ts";
import type { EpollLoop, Watcher } from "./epoll-loop.ts";
import { interest } from "./epoll-loop.ts";
import type { Ends } from "./epoll-stream.ts";
import { EpollStream } from "./epoll-stream.ts";
import { errnoOf } from "./libc.ts";
import type { Libc } from "./libc.ts";
import {
  addressBytesMax,
  family,
  readSocketAddress,
  writeSocketAddress,
  writeUnixAddress,
} from "./socket-address.ts";
import type { SocketIo } from "./socket-io.ts";

const streamSocket = 1;
const nonBlocking = 0x800;
const closeOnExec = 0x80000;
const errnoNameTooLong = 36;
const option = {
  socket: { level: 1, reuseAddress: 2, keepAlive: 9 },
  tcp: { level: 6, noDelay: 1, keepIdle: 4, keepInterval: 5, keepCount: 6 },
  ipv6: { level: 41, only: 26 },
} as const;
/** After an error that is not over with the client who met it nobody is accepted for so long. */
const restMs = 100;
/** Probes of a silent peer before it counts as gone. */
const keepAliveProbes = 3;

export class EpollListener implements Watcher {
  readonly port: number;
  readonly #loop: EpollLoop;
  readonly #io: SocketIo;
  readonly #options: ListenerOptions;
  readonly #descriptor: number;
  readonly #path: string;
  readonly #address;
  readonly #addressLength;
  /** A descriptor that stands for nothing, to be given up when there is no other. */
  #spare: number;
  #restTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(
    loop: EpollLoop,
    io: SocketIo,
    target: { readonly descriptor: number; readonly path: string },
    options: ListenerOptions,
  ) {
    this.#loop = loop;
    this.#io = io;
    this.#options = options;
    this.#descriptor = target.descriptor;
    this.#path = target.path;
    this.#address = loop.libc.pin(addressBytesMax);
    this.#addressLength = loop.libc.pin(4);
    this.#spare = loop.libc.epoll_create1(closeOnExec);
    this.port = target.path === "" ? (this.#localAddress(target.descriptor)?.port ?? 0) : 0;
    loop.add(target.descriptor, this, interest.read);
  }

  /** Listens; rejects with the system's error, as Node words it, when that fails. */
  static async listen(
    loop: EpollLoop,
    io: SocketIo,
    target: ListenTarget,
    options: ListenerOptions,
  ): Promise<EpollListener> {
    const { path = "" } = target;
    const host = path === "" ? await resolve(target.host ?? "::") : "";
    const descriptor = open(loop.libc, target, host);
    return new EpollListener(loop, io, { descriptor, path }, options);
  }

  /** Stops accepting. Connections that are there stay. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#restTimer);
    this.#loop.remove(this.#descriptor);
    this.#loop.libc.close(this.#descriptor);
    if (this.#spare >= 0) this.#loop.libc.close(this.#spare);
  }

  ready(): void {
    const { libc } = this.#loop;
    for (let left = this.#options.acceptsPerTurn(); left > 0; left--) {
      const descriptor = this.#accept();
      if (descriptor >= 0) {
        this.#take(descriptor);
        continue;
      }
      const errno = libc.errno();
      if (errno === errnoOf.interrupted || errno === errnoOf.connectionAborted) continue;
      if (errno === errnoOf.again) return;
      this.#options.failed(systemError(errno, "accept"));
      const isFull = errno === errnoOf.tooManyFilesOpen;
      const isTurnedAway =
        (isFull || errno === errnoOf.tooManyFilesOpenInSystem) && this.#turnAway(left);
      if (!isTurnedAway) this.#rest();
      return;
    }
  }

  /** Who waits goes on waiting, and we would be told of them again and again: not for a while. */
  #rest(): void {
    this.#loop.change(this.#descriptor, 0);
    this.#restTimer = setTimeout(() => {
      if (this.#spare < 0) this.#spare = this.#loop.libc.epoll_create1(closeOnExec);
      this.#loop.change(this.#descriptor, interest.read);
    }, restMs);
    this.#restTimer.unref();
  }

  #accept(): number {
    this.#addressLength.words[0] = addressBytesMax;
    const { address } = this.#address;
    const length = this.#addressLength.address;
    return this.#loop.libc.accept4(this.#descriptor, address, length, nonBlocking | closeOnExec);
  }

  /**
   * There is no descriptor left. Those who wait are accepted with the one that is kept for this,
   * and closed: else they would wait for nothing. False when that one is gone, too: a thread that
   * opened a file was quicker.
   */
  #turnAway(countMax: number): boolean {
    const { libc } = this.#loop;
    for (let left = countMax; left > 0 && this.#spare >= 0; left--) {
      libc.close(this.#spare);
      const descriptor = this.#accept();
      if (descriptor >= 0) libc.close(descriptor);
      this.#spare = libc.epoll_create1(closeOnExec);
      if (descriptor < 0) break;
    }
    return this.#spare >= 0;
  }

  #take(descriptor: number): void {
    const stream = new EpollStream(this.#loop, this.#io, descriptor, this.#ends(descriptor));
    const handler = this.#options.accept(stream);
    if (handler !== undefined) stream.attach(handler);
  }

  #ends(descriptor: number): Ends {
    if (this.#path !== "") {
      const end = `${this.#path}:0`;
      return { kind: "unix", remote: end, local: end, isLocal: true };
    }
    const { libc } = this.#loop;
    const remote = readSocketAddress(this.#address.bytes) ?? { host: "", port: 0 };
    setOption(libc, descriptor, option.tcp.level, option.tcp.noDelay, 1);
    keepAlive(libc, descriptor, this.#options.keepAliveSeconds());
    const local = this.#localAddress(descriptor) ?? { host: "", port: 0 };
    return {
      kind: "tcp",
      remote: joinAddress(remote.host, remote.port),
      local: joinAddress(local.host, local.port),
      isLocal: isLoopback(remote.host),
    };
  }

  #localAddress(descriptor: number): ReturnType<typeof readSocketAddress> {
    const { libc } = this.#loop;
    this.#addressLength.words[0] = addressBytesMax;
    libc.getsockname(descriptor, this.#address.address, this.#addressLength.address, 0);
    return readSocketAddress(this.#address.bytes);
  }
}

/** A number for a name, and for the name of an interface behind `%`. */
async function resolve(host: string): Promise<string> {
  const [address, scope] = host.split("%");
  if (isIP(address) === 0) return (await lookup(host)).address;
  if (scope === undefined || /^\d+$/.test(scope)) return host;
  const found = networkInterfaces()[scope]?.find((each) => each.address === address);
  return `${address}%${found?.family === "IPv6" ? found.scopeid : 0}`;
}

/** A socket that listens. Throws the system's error. */
function open(libc: Libc, target: ListenTarget, host: string): number {
  const address = libc.pin(addressBytesMax);
  const place = placeOf(target, host, address.bytes);
  const type = streamSocket | nonBlocking | closeOnExec;
  const descriptor = libc.socket(place.family, type, 0, 0);
  if (descriptor < 0) throw listenError(libc.errno(), target);
  if (place.family !== family.unix) {
    setOption(libc, descriptor, option.socket.level, option.socket.reuseAddress, 1);
  }
  if (place.family === family.ipv6) {
    const isOnly = target.ipv6Only === true ? 1 : 0;
    setOption(libc, descriptor, option.ipv6.level, option.ipv6.only, isOnly);
  }
  const isOpen =
    libc.bind(descriptor, address.address, place.length, 0) === 0 &&
    libc.listen(descriptor, target.backlog) === 0;
  if (isOpen) return descriptor;
  const error = listenError(libc.errno(), target);
  libc.close(descriptor);
  throw error;
}

function placeOf(
  target: ListenTarget,
  host: string,
  bytes: Uint8Array,
): { readonly family: number; readonly length: number } {
  if (target.path === undefined) {
    return writeSocketAddress(bytes, { host, port: target.port ?? 0 });
  }
  const length = writeUnixAddress(bytes, target.path);
  if (length === undefined) throw listenError(errnoNameTooLong, target);
  return { family: family.unix, length };
}

function setOption(
  libc: Libc,
  descriptor: number,
  level: number,
  name: number,
  value: number,
): void {
  const { words, address } = optionValue(libc);
  words[0] = value;
  libc.setsockopt(descriptor, level, name, address, 4);
}

let pinnedOption: ReturnType<Libc["pin"]> | undefined;

function optionValue(libc: Libc): ReturnType<Libc["pin"]> {
  pinnedOption ??= libc.pin(4);
  return pinnedOption;
}

/** As Redis has it: a peer that has been silent so long is probed three times in as long again. */
function keepAlive(libc: Libc, descriptor: number, seconds: number): void {
  if (seconds <= 0) return;
  const { level, keepIdle, keepInterval, keepCount } = option.tcp;
  setOption(libc, descriptor, option.socket.level, option.socket.keepAlive, 1);
  setOption(libc, descriptor, level, keepIdle, seconds);
  const intervalSeconds = Math.max(1, Math.floor(seconds / keepAliveProbes));
  setOption(libc, descriptor, level, keepInterval, intervalSeconds);
  setOption(libc, descriptor, level, keepCount, keepAliveProbes);
}

function listenError(errno: number, { host, port, path }: ListenTarget): NodeJS.ErrnoException {
  return systemError(errno, "listen", path ?? `${host ?? "*"}:${port ?? 0}`);
}

function systemError(errno: number, call: string, place?: string): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  const error: NodeJS.ErrnoException = new Error(
    place === undefined ? `${call} ${code}` : `${call} ${code} ${place}`,
  );
  error.code = code;
  error.errno = -errno;
  error.syscall = call;
  return error;
}
