// How many clients the system lets us have. Each takes a descriptor, and Node has raised this
// process's limit to the highest that it may have; where `maxclients` asks for more, fewer are let
// in, so that the last ones are told why and files can still be opened. Only `main.ts` uses it: a
// library does not know what else its process needs.
import { readFileSync } from "node:fs";
import type { Config } from "./config/config.ts";

/** For files, listeners, replication and Node itself, which has opened 25 when it starts. */
const reservedDescriptors = 32;

/** The kernel's file of the limits of this process, or nothing where there is none. */
export function readOwnLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "latin1");
  } catch {
    return "";
  }
}

export interface DescriptorLimitOptions {
  readonly readLimits: () => string;
  readonly warn: (message: string) => void;
}

/** Brings `maxclients` within the limit, now and whenever it is changed. */
export function limitClients(config: Config, { readLimits, warn }: DescriptorLimitOptions): void {
  const { values } = config;
  const clientsMax = (): number => Math.max(descriptorsMax(readLimits()) - reservedDescriptors, 1);
  const most = clientsMax();
  if (values.maxclients > most) {
    warn(
      `You requested maxclients of ${values.maxclients} requiring at least ` +
        `${values.maxclients + reservedDescriptors} max file descriptors.`,
    );
    warn(
      `Current maximum open files is ${descriptorsMax(readLimits())}. maxclients has been ` +
        `reduced to ${most} to compensate for low ulimit. If you need higher maxclients increase ` +
        "'ulimit -n'.",
    );
    config.override("maxclients", most);
  }
  config.onChange("maxclients", () => {
    const count = clientsMax();
    return values.maxclients <= count
      ? undefined
      : "The operating system is not able to handle the specified number of clients, " +
          `try with ${count}`;
  });
}

/** Infinity where there is no limit, or none is told. */
function descriptorsMax(limits: string): number {
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? Infinity : Number(soft);
}
