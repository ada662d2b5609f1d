// The CPU time that another process has used, all its threads together, user and system.
//
// Linux tells it twice: in proc(5)'s `stat`, in hundredths of a second, which is coarse for a
// measurement of one second, and for each thread in `task/*/schedstat`, in nanoseconds. We take the
// second where the kernel has it. What a thread that has ended used is missing there, but servers
// keep their threads.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ, in which Linux tells times to programs; 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;
const nanosecondsPerSecond = 1e9;

/** In seconds; undefined where the system does not tell (Windows) or the process is gone. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    if (process.platform === "linux") return secondsOfThreads(pid) ?? secondsOfProcess(pid);
    const words = ["-o", "time=", "-p", String(pid)];
    return secondsOfPs(execFileSync("ps", words, { encoding: "utf8" }));
  } catch {
    return undefined;
  }
}

/** Undefined when the kernel keeps no such statistics. */
function secondsOfThreads(pid: number): number | undefined {
  const folder = `/proc/${pid}/task`;
  let sum = 0;
  try {
    for (const thread of readdirSync(folder)) {
      const [onCore] = readFileSync(`${folder}/${thread}/schedstat`, "latin1").split(" ");
      sum += Number(onCore);
    }
  } catch {
    return undefined;
  }
  return sum === 0 ? undefined : sum / nanosecondsPerSecond;
}

function secondsOfProcess(pid: number): number {
  return secondsOfStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

/** Fields 14 and 15 of `stat`; the name before them may hold spaces and parentheses. */
export function secondsOfStat(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** `[[days-]hours:]minutes:seconds[.hundredths]`, as ps writes it. */
export function secondsOfPs(text: string): number {
  const [, days = "0", rest] = /^\s*(?:(\d+)-)?([\d:.]+)\s*$/.exec(text) ?? [];
  if (rest === undefined) throw new RangeError(`ps wrote ${text}`);
  return rest.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
