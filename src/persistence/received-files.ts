// The temporary files that take a snapshot in while a primary sends it. The name tells whose it is,
// so those of processes that are no more can be told from those of others who share the folder.
import type { Disk } from "./disk.ts";
import { DiskError } from "./disk.ts";
import type { PersistenceContext } from "./settings.ts";

const receivedName = /^temp-received-(\d+)\.rdb$/;

/** Where the process with that id takes a snapshot in. */
export function receivedPath({ settings, processId }: PersistenceContext): string {
  return `${settings.dir}/temp-received-${processId}.rdb`;
}

/**
 * Removes what was left by those that were killed. What a former life with our process id has left
 * stays: it may be another server's in this process, and the next snapshot takes its place.
 */
export function removeAbandoned(disk: Disk, context: PersistenceContext): void {
  const { settings } = context;
  try {
    for (const name of disk.list(settings.dir)) {
      const owner = Number(receivedName.exec(name)?.[1] ?? 0);
      if (owner === 0 || context.isRunning(owner)) continue;
      disk.remove(`${settings.dir}/${name}`);
      context.log("notice", `Removed ${name}, which a process that was killed has left`);
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    context.log("warning", `Cannot remove what a killed process has left: ${error.message}`);
  }
}
