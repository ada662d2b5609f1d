// How fast the data set is loaded: as fast as can be, a slice at a time so that clients get their
// answers; for tests each key can be made to take longer.
import type { Engine } from "../engine/engine.ts";
import type { Persistence } from "../persistence/persistence.ts";

/** How long loading goes on before clients get their answers. */
const sliceUs = 10_000;
const stepBytes = 64 * 1024;

export class LoadPace {
  readonly engine: Engine;
  readonly #keyDelayUs: () => number;

  /** `keyDelayUs` is `key-load-delay`. */
  constructor(engine: Engine, keyDelayUs: () => number) {
    this.engine = engine;
    this.#keyDelayUs = keyDelayUs;
  }

  get stepBytes(): number {
    return this.#keyDelayUs() > 0 ? 1 : stepBytes;
  }

  /** For tests: each key takes so many microseconds more. */
  async keyDelay(): Promise<void> {
    const delayUs = this.#keyDelayUs();
    if (delayUs <= 0) return;
    const { clock } = this.engine.host;
    const endUs = clock.monotonicUs() + delayUs;
    do await new Promise((resolve) => setImmediate(resolve));
    while (clock.monotonicUs() < endUs);
    this.engine.beginTurn();
  }
}

/** Goes on with what has begun to be loaded until all is there. Rejects when it cannot be. */
export async function loadAll(persistence: Persistence, pace: LoadPace): Promise<void> {
  const { engine } = pace;
  const { clock } = engine.host;
  let endUs = clock.monotonicUs() + sliceUs;
  while (!persistence.loadStep(pace.stepBytes)) {
    await pace.keyDelay();
    if (clock.monotonicUs() < endUs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    engine.beginTurn();
    endUs = clock.monotonicUs() + sliceUs;
  }
}
