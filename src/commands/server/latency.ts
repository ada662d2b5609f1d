import type { CommandDeclaration } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { help } from "../../engine/help.ts";
import type { LatencyHistogram } from "../../engine/latency-histogram.ts";
import type { RegisteredCommand } from "../../engine/registered-command.ts";
import { many, optional, string } from "../../engine/word.ts";
import { Failure } from "../../keyspace/failure.ts";
import type { ReplyWriter } from "../../resp/reply-writer.ts";
import { latencyReport } from "./latency-doctor.ts";
import { latencyGraph } from "./latency-graph.ts";

const flags = ["admin", "noscript", "loading", "stale"] as const;
const tips = ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"];

const latencyLatest = command({
  name: "LATEST",
  summary: "Replies with the last sample of each event, and the worst ever.",
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  flags,
  tips,
  words: [],

  run({ reply, engine }) {
    const { events } = engine.timing.latency;
    reply.array(events.size);
    for (const [event, { samples, maxMs }] of events) {
      const last = samples[samples.length - 1];
      reply.array(4);
      reply.bulkLatin1(event);
      reply.integer(last.timeSeconds);
      reply.integer(last.ms);
      reply.integer(maxMs);
    }
  },
});

const latencyHistory = command({
  name: "HISTORY",
  summary: "Replies with the samples of an event: seconds since 1970, and milliseconds.",
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  flags,
  tips,
  words: [string("event")],

  run({ args, reply, engine }) {
    const samples = engine.timing.latency.find(args.latin1(2))?.samples ?? [];
    reply.array(samples.length);
    for (const { timeSeconds, ms } of samples) {
      reply.array(2);
      reply.integer(timeSeconds);
      reply.integer(ms);
    }
  },
});

const latencyReset = command({
  name: "RESET",
  summary: "Forgets the samples of the events that are named, or of all.",
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  flags,
  tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
  words: [optional(many(string("event")))],
  optionsAt: 0,

  run({ args, reply, engine }) {
    const { latency } = engine.timing;
    let count = args.count === 2 ? latency.reset() : 0;
    for (let index = 2; index < args.count; index++) {
      if (latency.forget(args.latin1(index))) count++;
    }
    reply.integer(count);
  },
});

const latencyGraphCommand = command({
  name: "GRAPH",
  summary: "Draws the samples of an event.",
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  flags,
  tips,
  words: [string("event")],

  run({ args, reply, engine }) {
    const event = args.latin1(2);
    const series = engine.timing.latency.find(event);
    if (series === undefined) {
      throw new Failure(`ERR No samples available for event '${event}'`);
    }
    const nowSeconds = Math.floor(engine.keyspace.nowMs / 1000);
    reply.verbatim("txt", latencyGraph(event, series, nowSeconds));
  },
});

const latencyDoctor = command({
  name: "DOCTOR",
  summary: "Says what the samples of all events point to, and what may help.",
  since: "2.8.13",
  group: "server",
  complexity: "O(1)",
  flags,
  tips,
  words: [],

  run({ reply, engine }) {
    const { latency, slowLog } = engine.timing;
    const nowSeconds = Math.floor(engine.keyspace.nowMs / 1000);
    reply.verbatim("txt", latencyReport(latency, slowLog, nowSeconds));
  },
});

const latencyHistogram = command({
  name: "HISTOGRAM",
  summary: "Replies with how the running times of commands are distributed.",
  since: "7.0.0",
  group: "server",
  complexity: "O(N) where N is the number of commands with latency information being retrieved.",
  flags,
  tips,
  words: [optional(many(string("COMMAND")))],
  optionsAt: 0,

  run({ args, reply, engine }) {
    const asked: RegisteredCommand[] = [];
    for (let index = 2; index < args.count; index++) {
      const found = findCommand(engine, args.latin1(index));
      if (found !== undefined) asked.push(found, ...found.subcommands);
    }
    const shown = args.count === 2 ? engine.registered : asked;
    const mark = reply.open();
    let count = 0;
    for (const each of shown) {
      if (each.histogram === undefined) continue;
      reply.bulkLatin1(each.fullName);
      replyHistogram(reply, each.histogram, each.calls - each.untrackedCalls);
      count++;
    }
    reply.close(mark, "map", count);
  },
});

/** By its name; a subcommand's is `client|list`. */
function findCommand(engine: Engine, name: string): RegisteredCommand | undefined {
  const wanted = name.toLowerCase();
  return engine.registered.find((each) => each.fullName === wanted);
}

/** What is known from some of the calls stands for all of them. */
function replyHistogram(reply: ReplyWriter, histogram: LatencyHistogram, calls: number): void {
  const share = calls / histogram.total;
  reply.map(2);
  reply.bulkLatin1("calls");
  reply.integer(calls);
  reply.bulkLatin1("histogram_usec");
  const pairs = histogram.cumulative();
  reply.map(pairs.length);
  for (const [boundUs, count] of pairs) {
    reply.integer(boundUs);
    reply.integer(Math.round(count * share));
  }
}

export const latency: CommandDeclaration = command({
  name: "LATENCY",
  summary: "Commands about what holds the server up, and for how long.",
  since: "2.8.13",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: [],
  words: [],
  subcommands: [
    latencyDoctor,
    latencyGraphCommand,
    latencyHistogram,
    latencyHistory,
    latencyLatest,
    latencyReset,
    help(() => latency, "2.8.13"),
  ],
});
