// How long the benchmark waits for a server that has stopped answering, before it says so and ends:
// whoever waits for the figures should not wait for ever.

/** Longer than any pause of a server that goes on: a large flush, a disk that is full of work. */
export const patienceMs = 30_000;

/** Looks in that time; counted and not timed, so that a pause of our own is not held against it. */
const looks = 10;

export class Patience {
  /** Rejects when it is over. */
  readonly over: Promise<never>;
  #timer: NodeJS.Timeout | undefined;
  #looksInVain = 0;

  constructor(durationMs: number) {
    this.over = new Promise((_resolve, reject) => {
      this.#timer = setInterval(() => {
        if (++this.#looksInVain < looks) return;
        reject(new Error(`the server has not answered for ${durationMs / 1000} s`));
      }, durationMs / looks);
    });
    // It may end when nobody is waiting for it.
    this.over.catch(() => undefined);
  }

  /** The server has answered something. */
  renew(): void {
    this.#looksInVain = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
