// Accepting when the system does not let us: no client is lost that can be had, nobody is asked for
// in vain again and again. The system's answers are the test's.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EpollListener } from "./epoll-listener.ts";
import { EpollLoop } from "./epoll-loop.ts";
import type { Libc, Pinned } from "./libc.ts";
import { errnoOf } from "./libc.ts";
import { SocketIo } from "./socket-io.ts";

const listening = 7;
const outOfMemory = 12;
const modify = 3;

class PlayedSystem {
  /** What `accept4` answers, in this order: a descriptor, or an error below 0; then EAGAIN. */
  arriving: number[] = [];
  readonly closed: number[] = [];
  accepts = 0;
  /** Whether the listening descriptor is watched. */
  isWatched = true;
  canHaveSpare = true;
  #errno = 0;
  readonly #event: Pinned[] = [];

  readonly libc = {
    uvLoop: 0n,
    errno: () => this.#errno,
    pin: (size: number): Pinned => {
      const bytes = new Uint8Array(size);
      const pinned = { bytes, words: new Uint32Array(bytes.buffer, 0, size >> 2), address: 1n };
      this.#event.push(pinned);
      return pinned;
    },
    callback: () => 2n,
    epoll_create1: () => (this.canHaveSpare ? 3 : -1),
    epoll_ctl: (_set: number, kind: number, descriptor: number): number => {
      // The loop's second pinned array is the event that it hands over.
      const [, { words }] = this.#event;
      if (kind === modify && descriptor === listening) this.isWatched = words[0] !== 0;
      return 0;
    },
    uv_backend_fd: () => 4,
    uv_handle_size: () => 160n,
    uv_poll_init: () => 0,
    uv_poll_start: () => 0,
    socket: () => listening,
    setsockopt: () => 0,
    getsockname: () => 0,
    bind: () => 0,
    listen: () => 0,
    accept4: (): number => {
      this.accepts++;
      const next = this.arriving.shift() ?? -errnoOf.again;
      this.#errno = -next;
      return next < 0 ? -1 : next;
    },
    close: (descriptor: number) => void this.closed.push(descriptor),
  } as unknown as Libc;
}

interface Accepting {
  readonly system: PlayedSystem;
  readonly listener: EpollListener;
  readonly accepted: number[];
  readonly errors: string[];
}

async function accepting(): Promise<Accepting> {
  const system = new PlayedSystem();
  const accepted: number[] = [];
  const errors: string[] = [];
  const loop = new EpollLoop(system.libc, () => 0);
  const target = { host: "127.0.0.1", port: 0, backlog: 5 };
  const listener = await EpollListener.listen(loop, new SocketIo(system.libc), target, {
    accept: (stream) => void accepted.push(stream.descriptor),
    keepAliveSeconds: () => 0,
    acceptsPerTurn: () => 10,
    failed: (error) => void errors.push(error.message),
  });
  return { system, listener, accepted, errors };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
}

describe("accepting", () => {
  it("takes as many as belong to a turn, and leaves the others to the next", async () => {
    const { system, listener, accepted } = await accepting();
    system.arriving = Array.from({ length: 25 }, (_, index) => 100 + index);
    for (const count of [10, 20, 25]) {
      listener.ready();
      assert.equal(accepted.length, count);
    }
    listener.close();
  });

  it("goes on after a client who has gone before it was accepted", async () => {
    const { system, listener, accepted, errors } = await accepting();
    system.arriving = [-errnoOf.connectionAborted, 100, -errnoOf.interrupted, 101];
    listener.ready();
    assert.deepEqual(accepted, [100, 101]);
    assert.deepEqual(errors, []);
    listener.close();
  });

  it("turns those away for whom there is no descriptor", async () => {
    const { system, listener, accepted, errors } = await accepting();
    system.arriving = [100, -errnoOf.tooManyFilesOpen, 101, 102];
    listener.ready();
    assert.deepEqual(accepted, [100]);
    assert.deepEqual(errors, ["accept EMFILE"]);
    assert.deepEqual(
      system.closed.filter((each) => each > 100),
      [101, 102],
    );
    assert.ok(system.isWatched);
    listener.close();
  });

  it("rests when that cannot be done, or for any other reason, and then goes on", async () => {
    for (const error of [errnoOf.tooManyFilesOpen, outOfMemory]) {
      const { system, listener, accepted } = await accepting();
      system.arriving = [-error, -error];
      system.canHaveSpare = false;
      listener.ready();
      assert.ok(!system.isWatched);
      system.canHaveSpare = true;
      await until(() => system.isWatched);
      system.arriving = [-errnoOf.tooManyFilesOpen, 100, -errnoOf.again, 101];
      listener.ready();
      assert.deepEqual([accepted, system.closed.includes(100)], [[], true]);
      listener.ready();
      assert.deepEqual(accepted, [101]);
      listener.close();
    }
  });
});
