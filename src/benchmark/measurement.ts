// From what the generators have seen to the figures of a cell.
import { Histogram } from "./histogram.ts";
import type { LoadSeen, Pace } from "./load.ts";
import type { Measurement } from "./result.ts";

/** The figures of one round, of all generators together. */
export function measurementOf(seen: readonly LoadSeen[], pace: Pace): Measurement {
  const latency = new Histogram();
  const lateness = new Histogram();
  for (const each of seen) {
    latency.add(each.latency);
    lateness.add(each.lateness);
  }
  const sum = (pick: (each: LoadSeen) => number): number =>
    seen.reduce((total, each) => total + pick(each), 0);
  const commandsPerSecond = sum(({ commands, seconds }) => commands / seconds);
  const [{ serverLoad }] = seen;
  const errorText = seen.find(({ errors }) => errors > 0)?.errorText;
  return {
    commandsPerSecond,
    ...(serverLoad === undefined || commandsPerSecond === 0
      ? {}
      : { cpuUsPerCommand: (serverLoad * 1e6) / commandsPerSecond, serverLoad }),
    p50Us: latency.percentileUs(50),
    p95Us: latency.percentileUs(95),
    p99Us: latency.percentileUs(99),
    p999Us: latency.percentileUs(99.9),
    maxUs: latency.maxUs,
    generatorLoad: Math.max(...seen.map(({ generatorLoad }) => generatorLoad)),
    ...(pace.kind === "open"
      ? {
          latenessP99Us: lateness.percentileUs(99),
          unanswered: sum(({ unanswered }) => unanswered),
        }
      : {}),
    errors: sum(({ errors }) => errors),
    ...(errorText === undefined ? {} : { errorText }),
  };
}

/** Of each figure the median; errors are added up, and the first one's text is kept. */
export function medianOf(rounds: readonly Measurement[]): Measurement {
  // A figure may be missing in a round in which nothing was answered.
  const found = new Map<string, number[]>();
  for (const [name, value] of rounds.flatMap((round) => Object.entries(round))) {
    if (typeof value === "number") found.set(name, [...(found.get(name) ?? []), value]);
  }
  const medians = [...found].map(([name, values]) => [name, median(values)]);
  const errorText = rounds.find((round) => round.errorText !== undefined)?.errorText;
  return {
    ...(Object.fromEntries(medians) as Measurement),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
    ...(errorText === undefined ? {} : { errorText }),
  };
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
