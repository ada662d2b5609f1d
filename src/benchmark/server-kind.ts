// The servers that can be compared: ours, those of the system, and any other that a command line
// starts.
import { spawnSync } from "node:child_process";
import { ownProgram } from "./own-program.ts";

/** A server that can be started; it takes redis-server's arguments. */
export interface ServerKind {
  readonly name: string;
  readonly command: readonly string[];
}

export const ownName = "respite";
const systemServers = [
  { name: "redis", program: "redis-server" },
  { name: "valkey", program: "valkey-server" },
];

export const ownServer: ServerKind = {
  name: ownName,
  command: [process.execPath, ownProgram("../main.ts")],
};

export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Ours, and each that is in PATH. */
export function findServers(): ServerKind[] {
  const found = systemServers.filter(({ program }) => isInstalled(program));
  return [ownServer, ...found.map(({ name, program }) => ({ name, command: [program] }))];
}

/**
 * A server as the command line names it: `respite`, `redis`, `valkey`, or `name=command` for any
 * other, its words divided by spaces. A RangeError says what is wrong.
 */
export function parseServer(text: string): ServerKind {
  if (text === ownName) return ownServer;
  const equals = text.indexOf("=");
  if (equals > 0) {
    const command = text
      .slice(equals + 1)
      .split(" ")
      .filter((word) => word !== "");
    if (command.length > 0) return { name: text.slice(0, equals), command };
  }
  const known = systemServers.find(({ name }) => name === text);
  if (known === undefined) {
    throw new RangeError(`no server ${text}: respite, redis, valkey, or name=command`);
  }
  if (!isInstalled(known.program)) throw new RangeError(`${known.program} is not installed`);
  return { name: known.name, command: [known.program] };
}
