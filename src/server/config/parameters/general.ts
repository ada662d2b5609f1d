// Parameters of the process, its log and its background work, and of what is recorded about
// commands. Most of those that only the operating system could honour wait here too.

import { integer, intMax, longMax } from "../integer-kind.ts";
import { choice, choices, fixed, special, stored, string, yesNo } from "../parameter.ts";
import { procTitleError } from "../proc-title.ts";
import { directoryKind, notifyKind, oomScoresKind, percentilesKind } from "../special-kinds.ts";

const shutdownChoices = {
  words: ["save", "nosave", "now", "force"],
  noneWord: "default",
  check: (value: readonly string[]) =>
    value.includes("save") && value.includes("nosave")
      ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
      : undefined,
} as const;

export const general = [
  yesNo("daemonize", false, {
    summary: "Goes on in the background, detached from the terminal.",
    mutability: "immutable",
    awaits: fixed("running in the background"),
  }),
  choice("supervised", "no", ["upstart", "systemd", "auto", "no"], {
    summary: "Tells a supervisor of processes that the server is ready.",
    mutability: "immutable",
    awaits: fixed("signalling to a supervisor"),
  }),
  string("pidfile", "", {
    summary: "File that the process's number is written to.",
    mutability: "immutable",
    emptyIsUnset: true,
  }),
  choice("loglevel", "notice", ["debug", "verbose", "notice", "warning", "nothing"], {
    summary: "Least important messages that are still logged.",
  }),
  string("logfile", "", {
    summary: "File that the log is appended to; empty means standard output.",
    mutability: "immutable",
  }),
  yesNo("syslog-enabled", false, {
    summary: "Sends the log to the system's logger as well.",
    mutability: "immutable",
    awaits: fixed("the system log"),
  }),
  string("syslog-ident", "redis", {
    summary: "Name of this server in the system log.",
    mutability: "immutable",
    awaits: stored("the system log"),
  }),
  choice(
    "syslog-facility",
    "local0",
    ["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
    {
      summary: "Facility of the system log that messages go to.",
      mutability: "immutable",
      awaits: stored("the system log"),
    },
  ),
  yesNo("hide-user-data-from-log", false, {
    summary: "Leaves keys and values out of reports of crashes.",
    awaits: stored("reports of crashes"),
  }),
  yesNo("crash-log-enabled", true, {
    summary: "Writes a report to the log when the server crashes.",
    awaits: stored("reports of crashes"),
  }),
  yesNo("crash-memcheck-enabled", true, {
    summary: "Tests the memory before a crash is reported.",
    awaits: stored("reports of crashes"),
  }),
  yesNo("use-exit-on-panic", false, {
    summary: "Ends the process with exit instead of abort after a fatal error.",
    hidden: true,
    awaits: stored("reports of crashes"),
  }),
  integer("watchdog-period", 0, {
    summary: "Milliseconds after which a command that blocks the server is reported; 0 is never.",
    hidden: true,
    min: 0,
    max: intMax,
    awaits: fixed("the software watchdog"),
  }),
  yesNo("always-show-logo", false, {
    summary: "Prints the logo even when standard output is not a terminal.",
    mutability: "immutable",
  }),
  yesNo("set-proc-title", true, {
    summary: "Shows address and mode in the process's title.",
    mutability: "immutable",
  }),
  string("proc-title-template", "{title} {listen-addr} {server-mode}", {
    summary: "What the process's title consists of.",
    check: procTitleError,
  }),
  string("locale-collate", "", {
    summary: "Locale that SORT ALPHA compares by.",
    awaits: fixed("sorting by locale"),
  }),
  string("ignore-warnings", "", {
    summary: "Warnings about the system that do not keep the server from starting.",
    awaits: stored("checks of the system"),
  }),
  special("dir", "", directoryKind, {
    summary: "Working directory: data files are written here, relative paths start here.",
    mutability: "protected",
    deniedWhileLoading: true,
  }),
  integer("databases", 16, {
    summary: "Number of databases.",
    mutability: "immutable",
    min: 1,
    max: intMax,
  }),
  integer("hz", 10, {
    summary: "How often a second background work is done; kept between 1 and 500.",
    min: 0,
    max: intMax,
    clamp: { min: 1n, max: 500n },
  }),
  yesNo("dynamic-hz", true, {
    summary: "Does background work more often while many clients are connected.",
  }),
  integer("shutdown-timeout", 10, {
    summary: "Seconds that SHUTDOWN waits for replicas to catch up.",
    min: 0,
    max: intMax,
  }),
  choices("shutdown-on-sigint", shutdownChoices, {
    summary: "How the server shuts down when it gets SIGINT.",
  }),
  choices("shutdown-on-sigterm", shutdownChoices, {
    summary: "How the server shuts down when it gets SIGTERM.",
  }),
  integer("slowlog-log-slower-than", 10000, {
    summary: "Microseconds above which SLOWLOG records a command; 0 is every command, -1 none.",
    min: -1,
    max: longMax,
  }),
  integer("slowlog-max-len", 128, {
    summary: "How many commands SLOWLOG remembers.",
    min: 0,
    max: longMax,
  }),
  integer("latency-monitor-threshold", 0, {
    summary: "Milliseconds above which LATENCY records an event; 0 is never.",
    min: 0,
    max: longMax,
  }),
  yesNo("latency-tracking", true, {
    summary: "Keeps the distribution of each command's running time.",
  }),
  special("latency-tracking-info-percentiles", [50, 99, 99.9], percentilesKind, {
    summary: "Percentiles of running times that INFO latencystats shows.",
    multiArgument: true,
  }),
  special("notify-keyspace-events", 0, notifyKind, {
    summary: "Events that are published when keys change.",
  }),
  integer("busy-reply-threshold", 5000, {
    summary: "Milliseconds after which other clients get BUSY while a script runs.",
    alias: "lua-time-limit",
    min: 0,
    max: longMax,
  }),
  integer("tracking-table-max-keys", 1000000, {
    summary: "How many keys are remembered for clients that cache them.",
    min: 0,
    max: longMax,
    unsigned: true,
  }),
  integer("io-threads", 1, {
    summary: "Threads that read from and write to clients.",
    mutability: "immutable",
    min: 1,
    max: 128,
    awaits: fixed("threads for input and output"),
  }),
  yesNo("io-threads-do-reads", false, {
    summary: "Lets those threads read as well as write.",
    mutability: "immutable",
    awaits: stored("threads for input and output"),
  }),
  string("server-cpulist", "", {
    summary: "Processors that the main thread runs on.",
    alias: "server_cpulist",
    mutability: "immutable",
    emptyIsUnset: true,
    awaits: fixed("choosing processors"),
  }),
  string("bio-cpulist", "", {
    summary: "Processors that background threads run on.",
    alias: "bio_cpulist",
    mutability: "immutable",
    emptyIsUnset: true,
    awaits: fixed("choosing processors"),
  }),
  string("aof-rewrite-cpulist", "", {
    summary: "Processors that rewriting the append-only file runs on.",
    alias: "aof_rewrite_cpulist",
    mutability: "immutable",
    emptyIsUnset: true,
    awaits: fixed("choosing processors"),
  }),
  string("bgsave-cpulist", "", {
    summary: "Processors that background saving runs on.",
    alias: "bgsave_cpulist",
    mutability: "immutable",
    emptyIsUnset: true,
    awaits: fixed("choosing processors"),
  }),
  choice(
    "oom-score-adj",
    "no",
    ["no", "yes", "relative", "absolute"],
    {
      summary: "Tells the kernel how soon to end the program's process when memory runs out.",
    },
    { relative: "yes" },
  ),
  special("oom-score-adj-values", [0, 200, 800], oomScoresKind, {
    summary: "Scores for the kernel: as primary, as replica, for a background child.",
    multiArgument: true,
  }),
  yesNo("disable-thp", true, {
    summary: "Turns transparent huge pages off for this process.",
    mutability: "immutable",
    awaits: stored("control of huge pages"),
  }),
  string("req-res-logfile", "", {
    summary: "File that every request and reply is written to, for checks of the reply schemas.",
    mutability: "immutable",
    hidden: true,
    emptyIsUnset: true,
    awaits: fixed("recording of requests and replies"),
  }),
  integer("client-default-resp", 2, {
    summary: "Protocol version that connections start with.",
    mutability: "immutable",
    hidden: true,
    min: 2,
    max: 3,
    unsigned: true,
    awaits: fixed("connections that start with RESP3"),
  }),
] as const;
