// The memory of another process that lies in RAM. Not INFO's used_memory_rss: Redis reads that ten
// times a second, so just after loading it tells of the time before.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const kibibyte = 1024;

/** In bytes; undefined where the system does not tell (Windows) or the process is gone. */
export function residentBytes(pid: number): number | undefined {
  try {
    if (process.platform === "linux") {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * kibibyte;
    }
    const words = ["-o", "rss=", "-p", String(pid)];
    return Number(execFileSync("ps", words, { encoding: "utf8" })) * kibibyte;
  } catch {
    return undefined;
  }
}
