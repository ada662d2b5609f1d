// The kinds of the parameters that are unlike all others: each has its own grammar in Redis's
// config.c and its own error texts. They are used by one declaration each.

import { parseDouble } from "../../bytes/double.ts";
import type { FileLine, Kind, Setting } from "./parameter.ts";
import { plainFileLine } from "./parameter.ts";
import { printMemory, readLoose, readMemory } from "./integer-kind.ts";
import { encodeText, lowerCaseAscii, quoteText } from "./text.ts";

/**
 * The working directory: an absolute path. Relative ones are taken from the directory in force, as
 * chdir() does.
 */
export const directoryKind: Kind<string> = {
  describes: "path of a directory",
  initial: (files) => files.workingDirectory(),
  parse(args, { current, files }) {
    const resolved = files.resolveDirectory(current, args[0]);
    if ("reason" in resolved) return resolved.reason;
    return { value: resolved.path, text: resolved.path };
  },
  print: (value) => value,
  // Always written, and absolute: the server may be started from elsewhere next time.
  fileLines: (setting) => [{ text: quoteText(setting.text), forced: true }],
};

const bindAddressCountMax = 16;

/** Addresses to listen on. A minus in front: go on without this one if it does not exist. */
export const bindKind: Kind<readonly string[]> = {
  describes: `up to ${bindAddressCountMax} addresses`,
  parse(args) {
    if (args.length > bindAddressCountMax) return "Too many bind addresses specified.";
    const value = args.length === 1 && args[0] === "" ? [] : [...args];
    return { value, text: value.join(" ") };
  },
  print: (value) => value.join(" "),
  fileLines(setting, initial) {
    if (setting.text === initial.text) return [];
    return [{ text: setting.text === "" ? '""' : setting.text, forced: true }];
  },
};

/** Save when at least `changes` changes were made and `seconds` have passed. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

export const saveKind: Kind<readonly SavePoint[]> = {
  describes: 'pairs of seconds and changes, or `""` for none',
  parse(args, { current, repeated }) {
    if (args.length === 1 && args[0] === "") return settingOfSavePoints([]);
    if (args.length % 2 === 1) return "Invalid save parameters";
    const points: SavePoint[] = repeated ? [...current] : [];
    for (let index = 0; index < args.length; index += 2) {
      const seconds = readLoose(args[index]);
      const changes = readLoose(args[index + 1]);
      const isValid = seconds !== undefined && changes !== undefined;
      if (!isValid || seconds < 1n || changes < 0n) return "Invalid save parameters";
      points.push({ seconds: Number(seconds), changes: Number(changes) });
    }
    return settingOfSavePoints(points);
  },
  print: (value) => settingOfSavePoints(value).text,
  // Always written: without a line the initial save points would be in force at the next start.
  fileLines(setting) {
    if (setting.value.length === 0) return [{ text: '""', forced: true }];
    return setting.value.map((point) => ({ text: printSavePoint(point), forced: true }));
  },
};

function settingOfSavePoints(value: readonly SavePoint[]): Setting<readonly SavePoint[]> {
  return { value, text: value.map(printSavePoint).join(" ") };
}

function printSavePoint(point: SavePoint): string {
  return `${point.seconds} ${point.changes}`;
}

/**
 * A client of the class is closed above `hardBytes`, or after `softSeconds` above `softBytes`. 0:
 * no limit.
 */
export interface OutputBufferLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface OutputBufferLimits {
  readonly normal: OutputBufferLimit;
  readonly replica: OutputBufferLimit;
  readonly pubsub: OutputBufferLimit;
}

/**
 * The names that are accepted. CONFIG GET prints `slave` and the file gets `replica`, both as Redis
 * does.
 */
const outputBufferClasses = new Map<string, keyof OutputBufferLimits>([
  ["normal", "normal"],
  ["slave", "replica"],
  ["replica", "replica"],
  ["pubsub", "pubsub"],
]);

/** Classes that are not named keep their limits. */
export const outputBufferLimitsKind: Kind<OutputBufferLimits> = {
  describes:
    "class (`normal`, `replica`, `pubsub`), hard limit, soft limit, soft seconds; repeated",
  parse(args, { current }) {
    if (args.length % 4 !== 0) {
      return "Wrong number of arguments in buffer limit configuration.";
    }
    const limits = { ...current };
    for (let index = 0; index < args.length; index += 4) {
      const kind = outputBufferClasses.get(lowerCaseAscii(args[index]));
      if (kind === undefined)
        return "Invalid client class specified in buffer limit configuration.";
      const limit = readOutputBufferLimit(args[index + 1], args[index + 2], args[index + 3]);
      if (limit === undefined) {
        return "Error in hard, soft or soft_seconds setting in buffer limit configuration.";
      }
      limits[kind] = limit;
    }
    return { value: limits, text: outputBufferLimitsKind.print(limits) };
  },
  print({ normal, replica, pubsub }) {
    return `normal ${printLimit(normal)} slave ${printLimit(replica)} pubsub ${printLimit(pubsub)}`;
  },
  fileLines(setting, initial) {
    return [
      limitLine("normal", setting.value.normal, initial.value.normal),
      limitLine("replica", setting.value.replica, initial.value.replica),
      limitLine("pubsub", setting.value.pubsub, initial.value.pubsub),
    ];
  },
};

function readOutputBufferLimit(
  hard: string,
  soft: string,
  seconds: string,
): OutputBufferLimit | undefined {
  const hardBytes = readMemory(hard);
  const softBytes = readMemory(soft);
  const softSeconds = readLoose(seconds);
  if (hardBytes === undefined || softBytes === undefined) return undefined;
  if (softSeconds === undefined || softSeconds < 0n) return undefined;
  return {
    hardBytes: Number(hardBytes),
    softBytes: Number(softBytes),
    softSeconds: Number(softSeconds),
  };
}

function printLimit({ hardBytes, softBytes, softSeconds }: OutputBufferLimit): string {
  return `${BigInt(hardBytes)} ${BigInt(softBytes)} ${BigInt(softSeconds)}`;
}

function limitLine(name: string, limit: OutputBufferLimit, initial: OutputBufferLimit): FileLine {
  const hard = printMemory(BigInt(limit.hardBytes));
  const soft = printMemory(BigInt(limit.softBytes));
  return {
    text: `${name} ${hard} ${soft} ${BigInt(limit.softSeconds)}`,
    forced: printLimit(limit) !== printLimit(initial),
  };
}

/** The bits of `notify-keyspace-events`, numbered as in Redis's server.h. */
export const notifyFlags = {
  keyspace: 1 << 0,
  keyevent: 1 << 1,
  generic: 1 << 2,
  string: 1 << 3,
  list: 1 << 4,
  set: 1 << 5,
  hash: 1 << 6,
  zset: 1 << 7,
  expired: 1 << 8,
  evicted: 1 << 9,
  stream: 1 << 10,
  keyMiss: 1 << 11,
  module: 1 << 13,
  newKey: 1 << 14,
} as const;

/** In the order in which they are printed. `A` stands for all of these. */
const notifyClasses: readonly (readonly [string, number])[] = [
  ["g", notifyFlags.generic],
  ["$", notifyFlags.string],
  ["l", notifyFlags.list],
  ["s", notifyFlags.set],
  ["h", notifyFlags.hash],
  ["z", notifyFlags.zset],
  ["x", notifyFlags.expired],
  ["e", notifyFlags.evicted],
  ["t", notifyFlags.stream],
  ["d", notifyFlags.module],
];

const notifyAll = notifyClasses.reduce((all, [, flag]) => all | flag, 0);

/** Not part of `A`. `n` is printed only when `A` is not: that is how Redis prints it. */
const notifyChannels: readonly (readonly [string, number])[] = [
  ["K", notifyFlags.keyspace],
  ["E", notifyFlags.keyevent],
  ["m", notifyFlags.keyMiss],
];

const notifyLetters = new Map<string, number>([
  ["A", notifyAll],
  ["n", notifyFlags.newKey],
  ...notifyClasses,
  ...notifyChannels,
]);

export const notifyKind: Kind<number> = {
  describes: "letters of `Ag$lshzxeKEtmdn`",
  parse(args) {
    let value = 0;
    for (const letter of args[0]) {
      const flag = notifyLetters.get(letter);
      if (flag === undefined) {
        return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
      }
      value |= flag;
    }
    return { value, text: notifyKind.print(value) };
  },
  print(value) {
    const ordered: (readonly [string, number])[] =
      (value & notifyAll) === notifyAll
        ? [["A", notifyAll]]
        : [...notifyClasses, ["n", notifyFlags.newKey]];
    const isSet = ([, flag]: readonly [string, number]): boolean => (value & flag) !== 0;
    return [...ordered, ...notifyChannels]
      .filter(isSet)
      .map(([letter]) => letter)
      .join("");
  },
  fileLines: (setting) => [{ text: quoteText(setting.text), forced: setting.value !== 0 }],
};

/** The primary that this server copies; null when it is a primary itself. */
export type ReplicaOf = { readonly host: string; readonly port: number } | null;

export const replicaOfKind: Kind<ReplicaOf> = {
  describes: "host and port, or `no one`",
  parse(args) {
    if (args.length !== 2) return "wrong number of arguments";
    const [host, portText] = args;
    if (lowerCaseAscii(host) === "no" && lowerCaseAscii(portText) === "one") {
      return { value: null, text: "" };
    }
    const port = readLoose(portText);
    if (port === undefined || port < 0n || port > 65535n) return "Invalid master port";
    return { value: { host, port: Number(port) }, text: `${host} ${port}` };
  },
  print: (value) => (value === null ? "" : `${value.host} ${value.port}`),
  fileLines: (setting) => (setting.text === "" ? [] : [{ text: setting.text, forced: true }]),
};

export const percentilesKind: Kind<readonly number[]> = {
  describes: 'percentages from 0 to 100, or `""` for none',
  parse(args) {
    const value: number[] = [];
    const isEmpty = args.length === 1 && args[0] === "";
    for (const text of isEmpty ? [] : args) {
      const percentile = readDouble(text);
      if (percentile === undefined) return "Invalid latency-tracking-info-percentiles parameters";
      if (percentile > 100 || percentile < 0) {
        return "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]";
      }
      value.push(percentile);
    }
    return { value, text: percentilesKind.print(value) };
  },
  print: (value) => value.map((percentile) => `${Number(percentile.toFixed(6))}`).join(" "),
  fileLines: (setting) => [{ text: setting.text === "" ? '""' : setting.text, forced: true }],
};

function readDouble(text: string): number | undefined {
  const bytes = encodeText(text);
  return parseDouble(bytes, 0, bytes.length);
}

/**
 * How much likelier than others the kernel ends this process as primary, as replica and while it
 * saves.
 */
export const oomScoresKind: Kind<readonly number[]> = {
  describes: "three integers from -2000 to 2000: primary, replica, background child",
  parse(args, { warn }) {
    if (args.length !== 3) return "wrong number of arguments";
    const scores = args.map(readLoose);
    if (scores.some((score) => score === undefined || score < -2000n || score > 2000n)) {
      return "Invalid oom-score-adj-values, elements must be between -2000 and 2000.";
    }
    const value = scores.map(Number);
    if (value[1] < value[0] || value[2] < value[1]) {
      warn("The oom-score-adj-values should not fall from primary to replica to child process.");
    }
    return { value, text: value.join(" ") };
  },
  print: (value) => value.join(" "),
  fileLines: plainFileLine,
};
