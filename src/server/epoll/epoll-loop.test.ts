// When the loop sleeps and when it stays awake, over a system that the test plays: a clock that
// goes on only while the loop waits, and events that come when the test says.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EpollLoop, interest } from "./epoll-loop.ts";
import type { Libc, Pinned } from "./libc.ts";

const setDescriptor = 3;
const nodeDescriptor = 4;
/** A loop that does not sleep after so much time of its own never will. */
const giveUpMs = 5000;

/** Of what the loop calls, as much as it needs. */
class PlayedSystem {
  nowMs = 0;
  /** When Node was told to wait for the set, which is what sleep is. */
  sleepsMs: number[] = [];
  waits = 0;
  #woken: () => void = () => undefined;
  #hasEvent = false;

  readonly libc = {
    uvLoop: 0n,
    errno: () => 0,
    pin: (size: number): Pinned => {
      const bytes = new Uint8Array(size);
      return { bytes, words: new Uint32Array(bytes.buffer), address: 1n };
    },
    callback: (run: () => void): bigint => {
      this.#woken = run;
      return 2n;
    },
    epoll_create1: () => setDescriptor,
    epoll_ctl: () => 0,
    epoll_wait: (_set: number, _events: bigint, _max: number, timeoutMs: number): number => {
      this.waits++;
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
  for (let index = 0; index < descriptors; index++) loop.add(10 + index, watcher, interest.read);
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

  it("forgets descriptors that are gone", async () => {
    const system = new PlayedSystem();
    const loop = loopWith(system, 10_000);
    for (let index = 0; index < 9990; index++) loop.remove(10 + index);
    assert.ok((await system.wake()) < 3);
    loop.close();
  });
});
