// The log, in Redis's line format, which tools and Redis's own test-suite read:
//
//   PID:ROLE DD Mon YYYY HH:MM:SS.mmm LEVEL message
//
// A line is written before the call returns, so that it is there whatever happens next. A log
// belongs to one server; a server inside another program gets a silent one unless its owner asks
// for more.

import * as fs from "node:fs";
import * as path from "node:path";
import { redisVersion } from "./redis-version.ts";
import { version } from "./version.ts";

/** Values of the parameter `loglevel`, from the most to the least talkative. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning" | "nothing";

/** M primary, S replica, C child process or a server that is still starting, X Sentinel. */
export type LogRole = "M" | "S" | "C" | "X";

/** Where lines go. A sink must not throw: a full disk must not stop the server. */
export interface LogSink {
  write(text: string): void;
}

export interface LogOptions {
  readonly sink: LogSink;
  readonly level?: LogLevel;
  readonly role?: LogRole;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly pid?: number;
}

const severity: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  verbose: 1,
  notice: 2,
  warning: 3,
  nothing: 4,
};

const levelMarks = [".", "-", "*", "#"];

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"].concat([
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
]);

export class Log {
  /** The least important level that is written; may be changed at any time. */
  level: LogLevel;
  role: LogRole;
  sink: LogSink;
  readonly #now: () => number;
  readonly #pid: number;

  constructor({ sink, level = "notice", role = "C", now = Date.now, pid }: LogOptions) {
    this.sink = sink;
    this.level = level;
    this.role = role;
    this.#now = now;
    this.#pid = pid ?? process.pid;
  }

  debug(message: string): void {
    this.#write("debug", message);
  }

  verbose(message: string): void {
    this.#write("verbose", message);
  }

  notice(message: string): void {
    this.#write("notice", message);
  }

  warning(message: string): void {
    this.#write("warning", message);
  }

  /** Text without time and level, as it is: the logo, reports of crashes. */
  raw(level: LogLevel, text: string): void {
    if (this.isWriting(level)) this.sink.write(text);
  }

  /** For callers whose message is costly to make. */
  isWriting(level: LogLevel): boolean {
    return level !== "nothing" && severity[level] >= severity[this.level];
  }

  #write(level: LogLevel, message: string): void {
    if (!this.isWriting(level)) return;
    const time = formatTime(new Date(this.#now()));
    this.sink.write(
      `${this.#pid}:${this.role} ${time} ${levelMarks[severity[level]]} ${message}\n`,
    );
  }
}

/** A log that writes nothing. */
export function silentLog(): Log {
  return new Log({ sink: { write: () => {} }, level: "nothing" });
}

/** `DD Mon YYYY HH:MM:SS.mmm` in local time. */
function formatTime(date: Date): string {
  const day = `${pad(date.getDate(), 2)} ${months[date.getMonth()]} ${date.getFullYear()}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part, 2));
  return `${day} ${clock.join(":")}.${pad(date.getMilliseconds(), 3)}`;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, "0");
}

/**
 * The sink for the parameter `logfile`: standard output when it is empty. `directory` is where a
 * relative path starts.
 */
export function sinkFor(logfile: string, directory: string): LogSink {
  return logfile === "" ? standardOutputSink : fileSink(path.resolve(directory, logfile));
}

const standardOutput = 1;

/**
 * Standard output may be a pipe whose reader is slow. After so many tries of a millisecond each the
 * rest of a line is lost.
 */
const pipeTriesMax = 1000;

export const standardOutputSink: LogSink = {
  write(text) {
    const bytes = Buffer.from(text, "utf8");
    let offset = 0;
    for (let tries = 0; offset < bytes.length && tries < pipeTriesMax; tries++) {
      offset += writeSome(bytes, offset);
    }
  },
};

/** Answers with the number of bytes written. What nobody can read any more counts as written. */
function writeSome(bytes: Buffer, offset: number): number {
  try {
    return fs.writeSync(standardOutput, bytes, offset);
  } catch (error) {
    const isFull = error instanceof Error && "code" in error && error.code === "EAGAIN";
    if (!isFull) return bytes.length - offset;
    Atomics.wait(pauseWord, 0, 0, 1);
    return 0;
  }
}

const pauseWord = new Int32Array(new SharedArrayBuffer(4));

/**
 * Opens the file for each line, as Redis does, so that it may be moved away and a new one begins.
 */
export function fileSink(file: string): LogSink {
  return {
    write(text) {
      try {
        fs.appendFileSync(file, text);
      } catch {
        // There is nowhere left to say that the log cannot be written.
      }
    },
  };
}

/** The first lines of a server's log. */
export function logStarting(log: Log, facts: { readonly hasConfiguration: boolean }): void {
  log.notice("oO0OoO0OoO0Oo Respite is starting oO0OoO0OoO0Oo");
  log.notice(
    `Respite version=${version}, redis_version=${redisVersion}, bits=64, ` +
      `node=${process.version}, pid=${process.pid}, just started`,
  );
  if (facts.hasConfiguration) log.notice("Configuration loaded");
  else log.warning("Warning: no config file specified, using the default config.");
}

export interface RunningFacts {
  readonly mode: "standalone" | "cluster";
  /** The TCP port, or the TLS port where there is no other. */
  readonly port: number;
  readonly pid: number;
  readonly showsLogo: boolean;
}

/** Mode and port in one line, or in the logo. */
export function logRunning(log: Log, { mode, port, pid, showsLogo }: RunningFacts): void {
  if (showsLogo) log.raw("notice", logo({ mode, port, pid }));
  else log.notice(`Running mode=${mode}, port=${port}.`);
}

/** Whether Redis would show its logo: when asked to, or when the log goes to a terminal. */
export function wantsLogo(values: {
  readonly alwaysShowLogo: boolean;
  readonly logfile: string;
}): boolean {
  return values.alwaysShowLogo || (values.logfile === "" && process.stdout.isTTY);
}

function logo({ mode, port, pid }: { mode: string; port: number; pid: number }): string {
  return `
     .-----.   .-----.
     |     |   |     |     Respite ${version} (Redis ${redisVersion}) 64 bit
     |     |   |     |
     |     |   |     |     Running in ${mode} mode
     |     |   |     |     Port: ${port}
     |     |   |     |     PID: ${pid}
     |     |   |     |
     '-----'   '-----'

`;
}

/** Everything is set up, loading begins. */
export function logInitialized(log: Log): void {
  log.notice("Server initialized");
}

/** One line for each kind of listener. */
export function logReady(log: Log, listener: "tcp" | "unix" | "tls"): void {
  log.notice(`Ready to accept connections ${listener}`);
}

/** The port is taken, or may not be used. The server ends after this. */
export function logListenFailed(log: Log, port: number, listener: "tcp" | "unix" | "tls"): void {
  log.warning(`Failed listening on port ${port} (${listener}), aborting.`);
}
