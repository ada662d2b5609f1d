// LATENCY DOCTOR: the events' samples in figures, and advice for each kind of event.
import type { LatencyEvent, LatencyMonitor, LatencySeries } from "../../engine/latency-monitor.ts";
import type { SlowLog } from "../../engine/slow-log.ts";

const slowCommands =
  "SLOWLOG GET shows which commands took long. Those that walk over large values or over all " +
  "keys can often be asked for less at a time.";
const largeValues =
  "A large value that is deleted, expires or is overwritten costs time by its size. Spread it " +
  "over several keys, or delete it by UNLINK.";
const busyMachine =
  "Commands that do next to nothing took long: the process did not get the processor. See " +
  "whether the machine, or the neighbours of a virtual one, have other work; 'redis-cli " +
  "--intrinsic-latency 100' measures that without the server.";
const slowDisk =
  "Writing waited for the disk. A local disk, and an SSD, helps; so does less other work on it.";
const syncAlways =
  "'appendfsync always' waits for the disk before each reply. 'everysec' does not, and may lose " +
  "the last second when the power fails.";
const syncDuringRewrite =
  "The append-only file was synced while a snapshot or a rewrite kept the disk busy. " +
  "'no-appendfsync-on-rewrite yes' leaves those syncs out, at some risk.";
const manyExpire =
  "Many keys expired at about the same time. Deadlines that differ a little spread the work.";
const manyEvicted =
  "Many keys were evicted at once, after maxmemory was lowered or something large came. A lower " +
  "maxmemory-eviction-tenacity makes rounds of eviction shorter.";

const adviceFor: Readonly<Record<LatencyEvent, readonly string[]>> = {
  command: [slowCommands, largeValues],
  "fast-command": [busyMachine],
  "expire-cycle": [manyExpire, largeValues],
  "eviction-cycle": [manyEvicted],
  "aof-write": [slowDisk],
  "aof-write-alone": [slowDisk],
  "aof-write-active-child": [syncDuringRewrite, slowDisk],
  "aof-write-pending-fsync": [slowDisk],
  "aof-fsync-always": [syncAlways, slowDisk],
  "aof-rename": [slowDisk],
};

export function latencyReport(
  monitor: LatencyMonitor,
  slowLog: SlowLog,
  nowSeconds: number,
): string {
  const { events, thresholdMs } = monitor;
  if (events.size === 0) {
    return thresholdMs === 0
      ? "Latency monitoring is disabled, so there is nothing to report. Enable it with " +
          "'CONFIG SET latency-monitor-threshold <milliseconds>'.\n"
      : `Nothing has taken ${thresholdMs} ms or longer so far.\n`;
  }
  const lines = ["Latency spikes were observed:", ""];
  const advice = new Set<string>();
  for (const [event, series] of events) {
    lines.push(`${lines.length - 1}. ${summary(event, series, nowSeconds)}`);
    for (const each of adviceFor[event as LatencyEvent]) advice.add(each);
  }
  if (events.has("command") && slowLog.thresholdUs > thresholdMs * 1000) {
    advice.add(
      "Not all of these are in SLOWLOG. Use 'CONFIG SET slowlog-log-slower-than " +
        `${thresholdMs * 1000}'.`,
    );
  }
  lines.push("", "What may help:", "");
  for (const each of advice) lines.push(`- ${each}`);
  return `${lines.join("\n")}\n`;
}

function summary(event: string, { samples, maxMs }: LatencySeries, nowSeconds: number): string {
  const count = samples.length;
  const average = Math.floor(samples.reduce((sum, { ms }) => sum + ms, 0) / count);
  const deviations = samples.reduce((sum, { ms }) => sum + Math.abs(ms - average), 0);
  const seconds = Math.max(nowSeconds - samples[0].timeSeconds, 1);
  return (
    `${event}: ${count} latency spikes (average ${average}ms, mean deviation ` +
    `${Math.floor(deviations / count)}ms, period ${(seconds / count).toFixed(2)} sec). ` +
    `Worst all time event ${maxMs}ms.`
  );
}
