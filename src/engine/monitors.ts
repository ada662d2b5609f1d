// MONITOR: clients that see what all others ask.
//
// A line is made once for all who watch, when a command has run, as Redis does it: so EXEC comes
// behind what it ran. Administration is not shown, nor are secrets. While nobody watches this costs
// the test of a bit.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Slices } from "../bytes/slices.ts";
import type { Engine } from "./engine.ts";
import { engineGate, sessionGate } from "./gate.ts";
import type { RegisteredCommand } from "./registered-command.ts";
import { commandBit } from "./registered-command.ts";
import type { Session } from "./session.ts";

const hiddenBits = commandBit.skipMonitor | commandBit.admin;
const quoteByte = 0x22;
const backslashByte = 0x5c;
const firstPrinted = 0x20;
const lastPrinted = 0x7e;
const escapes = new Map([
  [quoteByte, '\\"'],
  [backslashByte, "\\\\"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x07, "\\a"],
  [0x08, "\\b"],
]);

export class Monitors {
  readonly #engine: Engine;
  readonly #sessions = new Set<Session>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  add(session: Session): void {
    session.gates |= sessionGate.monitor;
    this.#sessions.add(session);
    this.#engine.setGate(engineGate.monitored, true);
  }

  /** The session watches no more. */
  forget(session: Session): void {
    session.gates &= ~sessionGate.monitor;
    this.#sessions.delete(session);
    this.#engine.setGate(engineGate.monitored, this.#sessions.size > 0);
  }

  has(session: Session): boolean {
    return (session.gates & sessionGate.monitor) !== 0;
  }

  /** Shows a command that a session has run. */
  show(session: Session, command: RegisteredCommand, args: Slices): void {
    if ((command.bits & hiddenBits) !== 0 || session.isFromFile) return;
    this.#show(session, command, args, this.#engine.scripting.isRunning);
  }

  /** Shows a request that runs a script, before what the script runs is shown. */
  showScript(session: Session, command: RegisteredCommand, args: Slices): void {
    if (!session.isFromFile) this.#show(session, command, args, false);
  }

  #show(session: Session, command: RegisteredCommand, args: Slices, isOfScript: boolean): void {
    const { host } = this.#engine;
    const secrets = command.declaration.secretArguments?.(args, this.#engine) ?? [];
    const words = Array.from({ length: args.count }, (_, index) =>
      secrets.includes(index) ? '"(redacted)"' : quoted(args, index),
    );
    const source = `[${session.db.index} ${isOfScript ? "lua" : sourceOf(session)}]`;
    const line = asciiBytes(`+${timeText(host.clock.nowMs())} ${source} ${words.join(" ")}\r\n`);
    for (const each of this.#sessions) this.#engine.push(each, line);
  }
}

function sourceOf({ link }: Session): string {
  // Its address is the path with a port that is none.
  return link.kind === "unix" ? `unix:${link.remoteAddress.slice(0, -2)}` : link.remoteAddress;
}

/** Seconds since 1970 and six digits of their fraction. */
function timeText(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  const microseconds = Math.floor((nowMs - seconds * 1000) * 1000);
  return `${seconds}.${String(microseconds).padStart(6, "0")}`;
}

function quoted(args: Slices, index: number): string {
  const start = args.offsets[index];
  const end = start + args.lengths[index];
  let text = '"';
  for (let position = start; position < end; position++) {
    const byte = args.bytes[position];
    const escape = escapes.get(byte);
    if (escape !== undefined) text += escape;
    else if (byte >= firstPrinted && byte <= lastPrinted) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `${text}"`;
}
