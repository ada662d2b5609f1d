// The program that `main.ts` starts: one server, with the process around it - command line,
// signals, working directory, title, exit code.
import { ManifestError } from "../persistence/aof-manifest.ts";
import { RdbError } from "../persistence/rdb-reader.ts";
import { unlinkSync, writeFileSync } from "node:fs";
import { parseCommandLine } from "./config/command-line.ts";
import type { ConfigSources } from "./config/config-file.ts";
import { FatalConfigError, loadConfig } from "./config/config-file.ts";
import { Config } from "./config/config.ts";
import { expandProcTitle } from "./config/proc-title.ts";
import { limitClients, readOwnLimits } from "./descriptor-limit.ts";
import { ListenError } from "./address-listeners.ts";
import {
  Log,
  logInitialized,
  logListenFailed,
  logRunning,
  logStarting,
  sinkFor,
  standardOutputSink,
  wantsLogo,
} from "./log.ts";
import { OomScore, ownScoreFile } from "./oom-score.ts";
import { Server } from "./server.ts";
import { TlsError } from "./tls-context.ts";
import type { Transport } from "./transport.ts";
import { netTransport, openTransport } from "./transport.ts";

/** Runs the program with the arguments of its command line. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const commandLine = parseCommandLine(argv);
  if (commandLine.action === "print") {
    const isError = commandLine.destination === "standard error";
    (isError ? process.stderr : process.stdout).write(commandLine.text);
    process.exitCode = commandLine.exitCode;
    return;
  }
  const log = new Log({ sink: standardOutputSink });
  const config = new Config({ warn: (message) => log.warning(message) });
  load(config, commandLine.sources, log);
  const { values } = config;
  config.onChange("dir", () => {
    process.chdir(values.dir);
    return undefined;
  });
  const adjust = adjustOomScore(config, log);
  log.sink = sinkFor(values.logfile, values.dir);
  log.level = values.loglevel;
  process.chdir(values.dir);
  logStarting(log, { hasConfiguration: !commandLine.isEmpty });
  await run(config, log, adjust);
}

/** As at start, so after each change; a failure at start is only logged, as in Redis. */
function adjustOomScore(config: Config, log: Log): () => void {
  const { values } = config;
  const warn = (message: string): void => log.warning(message);
  const score = new OomScore({ file: ownScoreFile, warn });
  const apply = (): string | undefined =>
    score.apply(values.oomScoreAdj, values.oomScoreAdjValues[values.replicaof === null ? 0 : 1]);
  config.onChange("oom-score-adj", apply);
  config.onChange("oom-score-adj-values", apply);
  apply();
  return () => void apply();
}

function load(config: Config, sources: ConfigSources, log: Log): void {
  try {
    loadConfig(config, sources, { notice: (message) => log.notice(message) });
  } catch (error) {
    if (!(error instanceof FatalConfigError)) throw error;
    if (error.destination === "standard error") process.stderr.write(error.message);
    else log.warning(error.message);
    process.exit(1);
  }
}

async function run(config: Config, log: Log, onRole: () => void): Promise<void> {
  const { values } = config;
  limitClients(config, { readLimits: readOwnLimits, warn: (text) => log.warning(text) });
  const server = new Server({
    config,
    log,
    transport: chooseTransport(values.ioTransport, log),
    anyPort: values.port === 0 && values.tlsPort === 0 && values.unixsocket === "",
    onClosed: () => exit(config, 0),
    onFatal: () => exit(config, 1),
    onRole,
  });
  for (const [from, to] of config.renamedCommands) {
    const reason = server.engine.commands.rename(from, to);
    if (reason !== undefined) fail(log, reason);
  }
  log.role = values.replicaof === null ? "M" : "S";
  const reasons = server.userFile.loadAtStart((text) => log.notice(text));
  for (const reason of reasons) log.warning(reason);
  if (reasons.length > 0) process.exit(1);
  installSignals(server, log);
  try {
    await server.listen();
  } catch (error) {
    if (error instanceof TlsError) fail(log, "Failed to configure TLS. Check logs for more info.");
    if (!(error instanceof ListenError)) throw error;
    log.warning(error.message);
    logListenFailed(log, error.port, error.transport);
    process.exit(1);
  }
  logRunning(log, {
    mode: "standalone",
    port: server.port === 0 ? server.tlsPort : server.port,
    pid: process.pid,
    showsLogo: wantsLogo(values),
  });
  for (const warning of config.warnings) log.warning(warning);
  logInitialized(log);
  writePidFile(config, log);
  setTitle(config, server);
  config.onChange("proc-title-template", () => {
    setTitle(config, server);
    return undefined;
  });
  try {
    await server.load();
  } catch (error) {
    logLoadFailed(log, error);
    process.exit(1);
  }
  server.start();
}

/** The one that was asked for; one line of the log says which it is. */
function chooseTransport(wanted: "auto" | "epoll" | "net", log: Log): Transport {
  const opened = openTransport(wanted);
  if (typeof opened !== "string") {
    log.notice(`Event loop: ${opened.name}`);
    return opened;
  }
  if (wanted === "epoll") fail(log, `io-transport epoll cannot be had: ${opened}`);
  log.notice(`Event loop: node:net, not epoll: ${opened}`);
  return netTransport;
}

function logLoadFailed(log: Log, error: unknown): void {
  if (error instanceof RdbError) {
    log.warning(`Internal error in RDB reading offset ${error.offset} -> ${error.reason}`);
    log.warning("Terminating server after rdb file reading failure.");
    return;
  }
  if (error instanceof ManifestError) for (const line of error.logLines) log.warning(line);
  else log.warning(error instanceof Error ? error.message : String(error));
  log.warning("Fatal error loading the DB, check server logs. Exiting.");
}

/** The first signal shuts down in order, the second at once. */
function installSignals(server: Server, log: Log): void {
  const { values } = server.config;
  const wishes = {
    SIGTERM: () => values.shutdownOnSigterm,
    SIGINT: () => values.shutdownOnSigint,
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (server.isEnding) {
        log.warning("You insist... exiting now.");
        process.exit(1);
      }
      if (server.persistence.loading !== undefined) {
        log.warning("Received shutdown signal during loading, exiting now.");
        process.exit(0);
      }
      log.warning(`Received ${signal} scheduling shutdown...`);
      const words = wishes[signal]();
      server.terminate({
        save: words.includes("save") ? "save" : words.includes("nosave") ? "nosave" : "default",
        force: words.includes("force"),
        refused: () =>
          log.warning(
            `${signal} received but errors trying to shut down the server, ` +
              "check the logs for more information",
          ),
      });
    });
  }
  process.on("SIGHUP", () => undefined);
  process.on("uncaughtException", (error) => {
    // Whatever it was, it is not worth all clients' data: say so, with the stack, and go on.
    log.warning(`Unexpected error outside a request: ${error.stack ?? error.message}`);
  });
  process.on("unhandledRejection", (reason) => {
    log.warning(`Unexpected rejection: ${String(reason)}`);
  });
}

function writePidFile(config: Config, log: Log): void {
  const { pidfile } = config.values;
  if (pidfile === "") return;
  try {
    writeFileSync(pidfile, `${process.pid}\n`);
  } catch (error) {
    log.warning(`Failed to write PID file: ${String(error)}`);
  }
}

function setTitle(config: Config, { port, tlsPort }: Server): void {
  const { values } = config;
  if (!values.setProcTitle) return;
  const shownPort = port === 0 ? tlsPort : port;
  const title = expandProcTitle(values.procTitleTemplate, {
    title: process.argv[1],
    "listen-addr": shownPort === 0 ? values.unixsocket : `${values.bind[0] ?? "*"}:${shownPort}`,
    "server-mode": "",
    port: String(port),
    "tls-port": String(tlsPort),
    unixsocket: values.unixsocket,
    "config-file": config.file ?? "-",
  });
  if (title !== undefined) process.title = title;
}

function exit(config: Config, code: number): void {
  const { pidfile } = config.values;
  try {
    if (pidfile !== "") unlinkSync(pidfile);
  } catch {
    // It was never there, or somebody else has taken it away.
  }
  process.exit(code);
}

function fail(log: Log, reason: string): never {
  log.warning(reason);
  process.exit(1);
}
