// When the loop sleeps and when it stays awake, over a system that the test plays: a clock that
// goes on only while the loop waits, and events that come when the test says.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EpollLoop, interest } from "./epoll-loop.ts";
import type { Libc, Pinned } from "./libc.ts";

const setDescriptor = 3;
const nodeDescriptor = 4;
const firstDescriptor = 10;
/** How the system lays out an event. */
const eventWords = process.arch === "x64" ? 3 : 4;
const eventDataWord = process.arch === "x64" ? 1 : 2;
/** A loop that does not sleep after so much time of its own never will. */
const giveUpMs = 5000;

/** Of what the loop calls, as much as it needs. */
class PlayedSystem {
  nowMs = 0;
  /** When Node was told to wait for the set, which is what sleep is. */
  sleepsMs: number[] = [];
  waits = 0;
  /** The loop's naps. */
  naps = 0;
  /** Clients that ask in turn, so many at a time, for so many waits. */
  readonly busy = { clients: 0, together: 1, waits: 0 };
  #nextClient = 0;
  #events = new Uint32Array(0);
  #woken: () => void = () => undefined;
  #hasEvent = false;

  readonly libc = {
    uvLoop: 0n,
    errno: () => 0,
    pin: (size: number): Pinned => {
      const bytes = new Uint8Array(size);
      const words = new Uint32Array(bytes.buffer);
      // Events come to the first memory that the loop asks for.
      if (this.#events.length === 0) this.#events = words;
      return { bytes, words, address: 1n };
    },
    callback: (run: () => void): bigint => {
      this.#woken = run;
      return 2n;
    },
    epoll_create1: () => setDescriptor,
    epoll_ctl: () => 0,
    prctl: () => 0,
    usleep: (us: number) => {
      this.naps++;
      this.nowMs += us / 1000;
      return 0;
    },
    epoll_wait: (_set: number, _events: bigint, _max: number, timeoutMs: number): number => {
      this.waits++;
      if (this.busy.waits > 0) return this.#serveBusy();
      this.nowMs += timeoutMs + 0.001;
      const count = this.#hasEvent ? 1 : 0;
      this.#hasEvent = false;
      return count;
    },
    uv_backend_fd: () => nodeDescriptor,
    uv_handle_size: () => 160n,
    uv_poll_init: () => 0,
    uv_poll_start: () => void this.sleepsMs.push(this.nowMs),
    uv_poll_stop: () => 0,
    uv_close: () => undefined,
    close: () => 0,
  } as unknown as Libc;

  /** The next clients have asked; each takes the loop 10 µs. */
  #serveBusy(): number {
    const { busy } = this;
    busy.waits--;
    for (let index = 0; index < busy.together; index++) {
      const event = this.#events.subarray(index * eventWords, (index + 1) * eventWords);
      event[0] = interest.read;
      event[eventDataWord] = firstDescriptor + this.#nextClient;
      event[eventDataWord + 1] = 1 + this.#nextClient;
      this.#nextClient = (this.#nextClient + 1) % busy.clients;
      this.nowMs += 0.01;
    }
    return busy.together;
  }

  /** A socket has something; resolves when the loop sleeps again: for how long it was awake. */
  async wake(): Promise<number> {
    const startMs = this.nowMs;
    const sleeps = this.sleepsMs.length;
    this.#hasEvent = true;
    this.#woken();
    while (this.sleepsMs.length === sleeps) {
      assert.ok(this.nowMs - startMs < giveUpMs, "it does not go to sleep");
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    return this.nowMs - startMs;
  }
}

function loopWith(system: PlayedSystem, descriptors: number): EpollLoop {
  const loop = new EpollLoop(system.libc, () => system.nowMs);
  const watcher = { ready: () => undefined };
  for (let index = 0; index < descriptors; index++)
    loop.add(firstDescriptor + index, watcher, interest.read);
  return loop;
}

describe("the epoll loop", () => {
  it("sleeps after a quiet millisecond when it has few descriptors", async () => {
    const system = new PlayedSystem();
    const loop = loopWith(system, 20);
    const awakeMs = await system.wake();
    assert.ok(awakeMs >= 1 && awakeMs < 3, `awake for ${awakeMs} ms`);
    loop.close();
  });

  it("stays awake the longer the more it has, within bounds, and waits meanwhile", async () => {
    const awakeMs: number[] = [];
    for (const descriptors of [1000, 10_000, 100_000]) {
      const system = new PlayedSystem();
      const loop = loopWith(system, descriptors);
      awakeMs.push(await system.wake());
      assert.ok(system.waits < awakeMs.at(-1)! * 3, `${system.waits} waits`);
      loop.close();
    }
    const [some, many, most] = awakeMs;
    assert.ok(some > 10 && some < 30, `awake for ${some} ms`);
    assert.ok(many > 100 && many < 300, `awake for ${many} ms`);
    assert.ok(most > many && most < 600, `awake for ${most} ms`);
  });

  it("naps when many clients are active and few have asked", async () => {
    const waits = 5000;
    const cases = [
      { clients: 50, together: 2, gatheringUs: 30, naps: [waits - 500, waits] },
      { clients: 50, together: 7, gatheringUs: 30, naps: [waits - 500, waits] },
      { clients: 50, together: 8, gatheringUs: 30, naps: [0, 0] },
      { clients: 20, together: 1, gatheringUs: 30, naps: [0, 0] },
      { clients: 50, together: 1, gatheringUs: 0, naps: [0, 0] },
    ];
    for (const { clients, together, gatheringUs, naps } of cases) {
      const system = new PlayedSystem();
      const loop = loopWith(system, clients);
      loop.gatherFor(gatheringUs);
      Object.assign(system.busy, { clients, together, waits });
      await system.wake();
      const [least, most] = naps;
      const what = `${clients} clients, ${together} together: ${system.naps} naps`;
      assert.ok(system.naps >= least && system.naps <= most, what);
      loop.close();
    }
  });

  it("does not nap any more when it has become quiet", async () => {
    const system = new PlayedSystem();
    const loop = loopWith(system, 50);
    loop.gatherFor(30);
    Object.assign(system.busy, { clients: 50, together: 2, waits: 5000 });
    await system.wake();
    Object.assign(system.busy, { clients: 3, waits: 5000 });
    system.naps = 0;
    await system.wake();
    assert.ok(system.naps < 100, `${system.naps} naps`);
    loop.close();
  });

  it("forgets descriptors that are gone", async () => {
    const system = new PlayedSystem();
    const loop = loopWith(system, 10_000);
    for (let index = 0; index < 9990; index++) loop.remove(firstDescriptor + index);
    assert.ok((await system.wake()) < 3);
    loop.close();
  });
});
