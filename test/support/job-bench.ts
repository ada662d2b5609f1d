// A BullMQ queue for tests: it counts the queue's events, and closes the workers that serve it.

import { FlowProducer, Queue, QueueEvents, Worker } from "bullmq";
import type { Job, QueueEventsListener, WorkerOptions } from "bullmq";

export type Processor = (job: Job) => Promise<unknown>;

const countedEvents = [
  "active",
  "added",
  "completed",
  "deduplicated",
  "delayed",
  "failed",
  "paused",
  "progress",
  "removed",
  "resumed",
  "retries-exhausted",
  "stalled",
  "waiting",
  "waiting-children",
] as const satisfies readonly (keyof QueueEventsListener)[];
type CountedEvent = (typeof countedEvents)[number];

interface Connection {
  readonly host: string;
  readonly port: number;
}

export class JobBench implements AsyncDisposable {
  readonly queue: Queue;
  readonly #connection: Connection;
  readonly #events: QueueEvents;
  readonly #seen = new Map<CountedEvent, number>();
  readonly #closed: { close(): Promise<void> }[];
  #wake: () => void = () => undefined;

  private constructor(name: string, connection: Connection) {
    this.#connection = connection;
    this.queue = new Queue(name, { connection });
    // The first event may come before anybody listens.
    this.#events = new QueueEvents(name, { connection, lastEventId: "0-0" });
    for (const event of countedEvents) {
      this.#events.on(event, () => {
        this.#seen.set(event, (this.#seen.get(event) ?? 0) + 1);
        this.#wake();
      });
    }
    this.#closed = [this.queue, this.#events];
  }

  /** A queue of a server on this machine, which holds no queue of this name. */
  static async open(name: string, port: number): Promise<JobBench> {
    const bench = new JobBench(name, { host: "127.0.0.1", port });
    await bench.queue.waitUntilReady();
    await bench.#events.waitUntilReady();
    return bench;
  }

  /** Serves the queue, one job at a time unless the options say otherwise. */
  work(processor: Processor, options: Partial<WorkerOptions> = {}): Worker {
    const connection = this.#connection;
    const worker = new Worker(this.queue.name, processor, { connection, ...options });
    this.#closed.push(worker);
    return worker;
  }

  flowProducer(): FlowProducer {
    const producer = new FlowProducer({ connection: this.#connection });
    this.#closed.push(producer);
    return producer;
  }

  /** Resolves once the event has come so many times in all. */
  async until(event: CountedEvent, count: number): Promise<void> {
    while ((this.#seen.get(event) ?? 0) < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** How often each of the events has come. */
  seen(...events: readonly CountedEvent[]): number[] {
    return events.map((event) => this.#seen.get(event) ?? 0);
  }

  /** How many jobs are in each state that has any. */
  async counts(): Promise<Record<string, number>> {
    const counts = await this.queue.getJobCounts();
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#closed.toReversed()) await each.close();
  }
}
