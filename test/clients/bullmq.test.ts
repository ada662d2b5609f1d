// BullMQ, a job queue whose every step is a Lua script: the same jobs go through our server and
// through real Redis, and have the same order, results, counts and events on both.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { UnrecoverableError } from "bullmq";
import type { Job, JobsOptions } from "bullmq";
import { JobBench } from "../support/job-bench.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import { LocalServer } from "../support/server.ts";

const limits = { timeout: 60_000 };
const hourMs = 3_600_000;

interface JobServer {
  readonly port: number;
  stop(): Promise<void>;
}

interface Flow {
  readonly name: string;
  readonly run: (bench: JobBench) => Promise<unknown>;
  /** What `run` resolves to, on any server. */
  readonly outcome: unknown;
}

const flows: readonly Flow[] = [
  {
    name: "shares many jobs among workers, each done once",
    async run(bench) {
      const numbers = Array.from({ length: 200 }, (_, index) => index);
      await bench.queue.addBulk(numbers.map((number) => ({ name: "double", data: { number } })));
      const done: number[] = [];
      for (let worker = 0; worker < 3; worker++) {
        bench.work((job) => Promise.resolve(done.push(numberOf(job))), { concurrency: 5 });
      }
      await bench.until("completed", 200);
      const isEachOnce = done.length === 200 && new Set(done).size === 200;
      const seen = bench.seen("added", "waiting", "active", "completed", "failed");
      return { isEachOnce, seen, counts: await bench.counts() };
    },
    outcome: { isEachOnce: true, seen: [200, 200, 200, 200, 0], counts: { completed: 200 } },
  },
  {
    name: "runs delayed jobs when they are due, promoted ones at once",
    async run(bench) {
      const delays = [120, 40, hourMs, 80, 2 * hourMs];
      const jobs = await bench.queue.addBulk(
        delays.map((delay, number) => ({ name: "later", data: { number }, opts: { delay } })),
      );
      const counts = await bench.counts();
      await jobs[2].changeDelay(160);
      await jobs[4].promote();
      const order: number[] = [];
      let isEarly = false;
      bench.work((job) => {
        isEarly ||= Date.now() < job.timestamp + job.delay;
        return Promise.resolve(order.push(numberOf(job)));
      });
      await bench.until("completed", 5);
      return { counts, order, isEarly, seen: bench.seen("delayed", "waiting") };
    },
    outcome: { counts: { delayed: 5 }, order: [4, 1, 3, 0, 2], isEarly: false, seen: [6, 5] },
  },
  {
    name: "starts no more jobs in a while than its limit allows",
    async run(bench) {
      const jobs = Array.from({ length: 12 }, (_, number) => ({
        name: "limited",
        data: { number },
      }));
      await bench.queue.addBulk(jobs);
      const order: number[] = [];
      const limiter = { max: 4, duration: 200 };
      const startMs = Date.now();
      bench.work((job) => Promise.resolve(order.push(numberOf(job))), { limiter });
      await bench.until("completed", 12);
      // Two whole pauses lie between three groups of four.
      return { order, isSlow: Date.now() - startMs >= 380, counts: await bench.counts() };
    },
    outcome: {
      order: Array.from({ length: 12 }, (_, number) => number),
      isSlow: true,
      counts: { completed: 12 },
    },
  },
  {
    name: "repeats a job as its scheduler says, and lists and removes schedulers",
    async run(bench) {
      const { queue } = bench;
      await queue.upsertJobScheduler("often", { every: 60, limit: 4 }, { data: { number: 7 } });
      await queue.upsertJobScheduler("yearly", { pattern: "0 0 1 1 *" }, { name: "new year" });
      await queue.upsertJobScheduler("never", { every: hourMs, offset: 1000 });
      const isRemoved = await queue.removeJobScheduler("never");
      const numbers: number[] = [];
      bench.work((job) => Promise.resolve(numbers.push(numberOf(job))));
      await bench.until("completed", 4);
      const schedulers = await queue.getJobSchedulers();
      const left = schedulers.map(({ key, pattern }) => [key, pattern]);
      return { isRemoved, numbers, left, counts: await bench.counts() };
    },
    outcome: {
      isRemoved: true,
      numbers: [7, 7, 7, 7],
      left: [
        ["yearly", "0 0 1 1 *"],
        ["often", undefined],
      ],
      counts: { completed: 4, delayed: 1 },
    },
  },
  {
    name: "runs a parent after its children, with their results",
    async run(bench) {
      const queueName = bench.queue.name;
      const child = (number: number) => ({ name: "child", queueName, data: { number } });
      const inner = { ...child(10), children: [child(1), child(2)] };
      const root = { ...child(100), children: [inner, child(20)] };
      const { job } = await bench.flowProducer().add(root);
      const early = await bench.counts();
      bench.work(async (each) => {
        const values = Object.values(await each.getChildrenValues<number>());
        return values.reduce((sum, value) => sum + value, numberOf(each));
      });
      await bench.until("completed", 5);
      const done = (await bench.queue.getJob(job.id ?? ""))!;
      const { processed = {} } = await job.getDependencies();
      const results = Object.values(processed)
        .map(Number)
        .toSorted((a, b) => a - b);
      const counts = await bench.counts();
      return {
        early,
        results,
        sum: done.returnvalue as unknown,
        counts,
        seen: bench.seen("active"),
      };
    },
    outcome: {
      early: { "waiting-children": 2, waiting: 3 },
      results: [13, 20],
      sum: 133,
      counts: { completed: 5 },
      seen: [5],
    },
  },
  {
    name: "fails a parent with its child, where that is wanted, and ignores it elsewhere",
    async run(bench) {
      const queueName = bench.queue.name;
      const parentOf = (name: string, opts: JobsOptions) => ({
        name,
        queueName,
        children: [{ name: "bad", queueName, opts }],
      });
      bench.work(({ name }) => (name === "bad" ? Promise.reject(new Error("no")) : nothing));
      const flow = bench.flowProducer();
      const [strict, lax] = await flow.addBulk([
        parentOf("strict", { failParentOnFailure: true }),
        parentOf("lax", { ignoreDependencyOnFailure: true }),
      ]);
      await bench.until("failed", 3);
      await bench.until("completed", 1);
      const failures = await bench.queue.getFailed();
      const ignored = Object.values(await lax.job.getIgnoredChildrenFailures());
      const states = [await strict.job.getState(), await lax.job.getState()];
      const reasons = failures.map(({ name }) => name).toSorted();
      return { states, reasons, ignored, counts: await bench.counts() };
    },
    outcome: {
      states: ["failed", "completed"],
      reasons: ["bad", "bad", "strict"],
      ignored: ["no"],
      counts: { completed: 1, failed: 3 },
    },
  },
  {
    name: "tries failed jobs again after a while, as often as they may",
    async run(bench) {
      const backoff = { type: "exponential", delay: 20 };
      const opts = { attempts: 3, backoff };
      await bench.queue.addBulk([
        { name: "third time", data: { number: 3 }, opts },
        { name: "never", data: { number: 99 }, opts },
        { name: "hopeless", data: { number: 0 }, opts },
        { name: "at once", data: { number: 2 }, opts: { attempts: 2 } },
      ]);
      bench.work((job) => {
        if (numberOf(job) === 0) throw new UnrecoverableError("hopeless");
        if (job.attemptsMade + 1 < numberOf(job)) throw new Error("not yet");
        return Promise.resolve();
      });
      await bench.until("completed", 2);
      await bench.until("failed", 2);
      const jobs = await bench.queue.getJobs(["completed", "failed"]);
      const attempts = jobs.map(({ name, attemptsMade }) => `${name}: ${attemptsMade}`).toSorted();
      const seen = bench.seen("active", "delayed", "retries-exhausted");
      const failed = jobs.find(({ name }) => name === "never")!;
      const reason = failed.failedReason;
      await failed.retry();
      await bench.until("failed", 3);
      return { attempts, seen, reason, counts: await bench.counts() };
    },
    outcome: {
      attempts: ["at once: 2", "hopeless: 1", "never: 3", "third time: 3"],
      seen: [9, 4, 1],
      reason: "not yet",
      counts: { completed: 2, failed: 2 },
    },
  },
  {
    name: "takes jobs in the order of their priorities, while it is not paused",
    async run(bench) {
      const { queue } = bench;
      await queue.pause();
      const priorities = [3, 1, 2, 1, 0, 5];
      const jobs = await queue.addBulk(
        priorities.map((priority, number) => ({
          name: "sorted",
          data: { number },
          opts: { priority },
        })),
      );
      await queue.add("sorted", { number: 6 }, { lifo: true });
      await jobs[5].changePriority({ priority: 1, lifo: true });
      const counts = await bench.counts();
      const perPriority = await queue.getCountsPerPriority([0, 1, 2, 3, 5]);
      const order: number[] = [];
      bench.work((job) => Promise.resolve(order.push(numberOf(job))));
      await queue.resume();
      await bench.until("completed", 7);
      return { counts, perPriority, order, seen: bench.seen("paused", "resumed") };
    },
    outcome: {
      counts: { prioritized: 5, waiting: 2 },
      perPriority: { 0: 2, 1: 3, 2: 1, 3: 1, 5: 0 },
      order: [6, 4, 5, 1, 3, 2, 0],
      seen: [1, 1],
    },
  },
  {
    name: "removes jobs one by one, by age, by number, and all",
    async run(bench) {
      const { queue } = bench;
      const many = Array.from({ length: 20 }, (_, number) => ({ name: "many", data: { number } }));
      const jobs = await queue.addBulk(many);
      await jobs[19].remove();
      await queue.add("later", {}, { delay: hourMs });
      const first = bench.work((job) =>
        numberOf(job) % 4 === 3 ? Promise.reject(new Error("odd")) : nothing,
      );
      await bench.until("completed", 15);
      await bench.until("failed", 4);
      await first.close();
      const cleaned = await queue.clean(0, 10, "completed");
      const kept = await bench.counts();
      const second = bench.work(() => nothing, { removeOnComplete: { count: 2 } });
      await queue.addBulk(many);
      await bench.until("completed", 35);
      await second.close();
      const trimmed = await bench.counts();
      await queue.drain(true);
      const drained = await bench.counts();
      await queue.obliterate({ force: true });
      return { cleaned: cleaned.length, kept, trimmed, drained, left: await bench.counts() };
    },
    outcome: {
      cleaned: 10,
      kept: { completed: 5, delayed: 1, failed: 4 },
      trimmed: { completed: 2, delayed: 1, failed: 4 },
      drained: { completed: 2, failed: 4 },
      left: {},
    },
  },
  {
    name: "tells of progress and logs, and drops a job that is there already",
    async run(bench) {
      const { queue } = bench;
      const opts = { deduplication: { id: "same", ttl: hourMs } };
      const first = await queue.add("watched", { number: 1 }, opts);
      const second = await queue.add("watched", { number: 2 }, opts);
      const named = await queue.add("named", { number: 3 }, { jobId: "mine" });
      await queue.add("named", { number: 4 }, { jobId: "mine" });
      bench.work(async (job) => {
        await job.log("began");
        await job.updateProgress({ part: 50 });
        await job.updateData({ number: 10 * numberOf(job) });
        await job.log("ended");
      });
      await bench.until("completed", 2);
      const { logs, count } = await queue.getJobLogs(first.id ?? "");
      const mine = (await queue.getJob("mine"))!;
      const seen = bench.seen("progress", "deduplicated", "added");
      const isSame = first.id === second.id && named.id === "mine";
      return { isSame, logs, count, progress: mine.progress, number: numberOf(mine), seen };
    },
    outcome: {
      isSame: true,
      logs: ["began", "ended"],
      count: 2,
      progress: { part: 50 },
      number: 30,
      seen: [2, 1, 2],
    },
  },
  {
    name: "gives the job of a worker that is gone to another",
    async run(bench) {
      const lost = bench.work(() => nothing, { autorun: false, lockDuration: 50 });
      await bench.queue.add("lost", { number: 1 });
      const taken = await lost.getNextJob("token");
      const counts = await bench.counts();
      bench.work(() => nothing, { stalledInterval: 30, lockDuration: 5000 });
      await bench.until("completed", 1);
      const job = (await bench.queue.getJob(taken?.id ?? ""))!;
      const seen = bench.seen("stalled", "active");
      return { counts, seen, started: job.attemptsStarted, stalled: job.stalledCounter };
    },
    outcome: { counts: { active: 1 }, seen: [1, 2], started: 2, stalled: 1 },
  },
];

const nothing = Promise.resolve();

function numberOf(job: Job): number {
  return (job.data as { number: number }).number;
}

async function startOurs(): Promise<JobServer> {
  const server = await LocalServer.start();
  return { port: server.port, stop: () => server[Symbol.asyncDispose]() };
}

const servers = [
  { name: "respite", start: startOurs, skip: false },
  { name: "redis-server", start: () => RealRedis.start(), skip: reasonToSkip() },
];

for (const { name: serverName, start, skip } of servers) {
  describe(`BullMQ on ${serverName}`, { ...limits, skip, concurrency: 4 }, () => {
    let server: JobServer;
    before(async () => {
      server = await start();
    });
    after(() => server.stop());

    for (const [index, { name, run, outcome }] of flows.entries()) {
      it(name, async () => {
        await using bench = await JobBench.open(`queue-${index}`, server.port);
        assert.deepEqual(await run(bench), outcome);
      });
    }
  });
}
