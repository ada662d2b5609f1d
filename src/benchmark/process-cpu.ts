// The CPU time that another process has used, all its threads together, user and system.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** USER_HZ, in which Linux tells times to programs; 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** In seconds; undefined where the system does not tell (Windows) or the process is gone. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    if (process.platform === "linux")
      return secondsOfStat(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return secondsOfPs(
      execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" }),
    );
  } catch {
    return undefined;
  }
}

/** Fields 14 and 15 of proc(5)'s stat; the name before them may hold spaces and parentheses. */
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
