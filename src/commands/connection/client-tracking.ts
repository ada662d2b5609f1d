// CLIENT TRACKING and what belongs to it: client-side caching.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, isArgument } from "../../engine/argument.ts";
import { command } from "../../engine/command.ts";
import { redirectOf } from "../../engine/client-description.ts";
import type { Engine } from "../../engine/engine.ts";
import type { TrackingMode, TrackingState } from "../../engine/tracking.ts";
import { integer, manyTokens, oneOf, optional, string, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

const [on, off, yes, no] = ["on", "off", "yes", "no"].map(asciiBytes);
const redirectWord = asciiBytes("redirect");
const prefixWord = asciiBytes("prefix");
const [broadcastWord, optInWord, optOutWord, noLoopWord] = [
  "bcast",
  "optin",
  "optout",
  "noloop",
].map(asciiBytes);

const oneRedirect = new Failure("ERR A client can only redirect to a single other client");
const noRedirect = new Failure("ERR The client ID you want redirect to does not exist");
const prefixAlone = new Failure("ERR PREFIX option requires BCAST mode to be enabled");
const modeSwitch = new Failure(
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then " +
    "re-enabling it with a different mode.",
);
const broadcastOption = new Failure("ERR OPTIN and OPTOUT are not compatible with BCAST");
const bothOptions = new Failure("ERR You can't specify both OPTIN mode and OPTOUT mode");
const optionSwitch = new Failure(
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then " +
    "re-enabling it with a different mode.",
);
const cachingAlone = new Failure(
  "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or " +
    "OPTOUT mode enabled",
);
const cachingYes = new Failure(
  "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
);
const cachingNo = new Failure(
  "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
);

const shared = {
  group: "connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "sentinel"],
} as const;

/** What a request asks for. */
interface Wanted {
  mode: TrackingMode;
  prefixes: string[];
}

function parseOptions(args: Slices, engine: Engine): Wanted {
  let redirectId = 0;
  const flags = { isBroadcast: false, isOptIn: false, isOptOut: false, isNoLoop: false };
  const prefixes: string[] = [];
  for (let index = 3; index < args.count; index++) {
    const hasMore = index + 1 < args.count;
    if (hasMore && isArgument(args, index, redirectWord)) {
      if (redirectId !== 0) throw oneRedirect;
      redirectId = integerArgument(args, ++index);
      if (engine.sessions.get(redirectId)?.isClosing !== false) throw noRedirect;
    } else if (hasMore && isArgument(args, index, prefixWord)) prefixes.push(args.latin1(++index));
    else if (isArgument(args, index, broadcastWord)) flags.isBroadcast = true;
    else if (isArgument(args, index, optInWord)) flags.isOptIn = true;
    else if (isArgument(args, index, optOutWord)) flags.isOptOut = true;
    else if (isArgument(args, index, noLoopWord)) flags.isNoLoop = true;
    else throw syntaxError;
  }
  return { mode: { ...flags, redirectId }, prefixes };
}

function checkMode({ mode, prefixes }: Wanted, current: TrackingState | undefined): void {
  const { isBroadcast, isOptIn, isOptOut } = mode;
  if (!isBroadcast && prefixes.length > 0) throw prefixAlone;
  if (current !== undefined && current.mode.isBroadcast !== isBroadcast) throw modeSwitch;
  if (isBroadcast && (isOptIn || isOptOut)) throw broadcastOption;
  if (isOptIn && isOptOut) throw bothOptions;
  const isSwitch =
    (isOptIn && current?.mode.isOptOut === true) || (isOptOut && current?.mode.isOptIn === true);
  if (isSwitch) throw optionSwitch;
  if (isBroadcast) checkPrefixes(prefixes, current?.prefixes ?? new Set());
}

function overlaps(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function checkPrefixes(prefixes: readonly string[], present: ReadonlySet<string>): void {
  for (const [index, prefix] of prefixes.entries()) {
    for (const other of present) {
      if (overlaps(prefix, other)) throw overlap(prefix, `an existing prefix '${other}'`);
    }
    for (const other of prefixes.slice(index + 1)) {
      if (overlaps(prefix, other)) throw overlap(prefix, `another provided prefix '${other}'`);
    }
  }
}

function overlap(prefix: string, other: string): Failure {
  return new Failure(
    `ERR Prefix '${prefix}' overlaps with ${other}. ` +
      "Prefixes for a single client must not overlap.",
  );
}

export const clientTracking = command({
  ...shared,
  name: "TRACKING",
  summary: "Has the connection told when keys change that it may have cached.",
  since: "6.0.0",
  complexity: "O(1). Some options may introduce additional complexity.",
  words: [
    oneOf("status", [token("on"), token("off")]),
    optional(integer("client-id", { token: "REDIRECT" })),
    optional(manyTokens(string("prefix", { token: "PREFIX" }))),
    optional(token("bcast")),
    optional(token("optin")),
    optional(token("optout")),
    optional(token("noloop")),
  ],
  optionsAt: 0,

  run({ args, reply, session, engine }) {
    const wanted = parseOptions(args, engine);
    if (isArgument(args, 2, on)) {
      checkMode(wanted, session.tracking);
      engine.tracking.enable(session, wanted.mode, wanted.prefixes);
    } else if (isArgument(args, 2, off)) engine.tracking.disable(session);
    else throw syntaxError;
    reply.ok();
  },
});

export const clientCaching = command({
  ...shared,
  name: "CACHING",
  summary: "Says whether what the next command reads will be cached.",
  since: "6.0.0",
  words: [oneOf("mode", [token("yes"), token("no")])],
  optionsAt: 0,

  run({ args, reply, session, engine }) {
    const { tracking } = session;
    if (tracking === undefined) throw cachingAlone;
    if (isArgument(args, 2, yes)) {
      if (!tracking.mode.isOptIn) throw cachingYes;
    } else if (isArgument(args, 2, no)) {
      if (!tracking.mode.isOptOut) throw cachingNo;
    } else throw syntaxError;
    tracking.cachingGivenBy = engine.current;
    reply.ok();
  },
});

export const clientGetRedir = command({
  ...shared,
  name: "GETREDIR",
  summary: "Tells which connection gets the messages; 0: this one, -1: there are none.",
  since: "6.0.0",
  words: [],

  run({ reply, session }) {
    reply.integer(redirectOf(session));
  },
});

export const clientTrackingInfo = command({
  ...shared,
  name: "TRACKINGINFO",
  summary: "Tells how the connection is kept informed of changes.",
  since: "6.2.0",
  words: [],

  run({ reply, session }) {
    const { tracking } = session;
    const flags = tracking === undefined ? ["off"] : trackingFlags(tracking);
    reply.map(3);
    reply.bulkLatin1("flags");
    reply.set(flags.length);
    for (const flag of flags) reply.bulkLatin1(flag);
    reply.bulkLatin1("redirect");
    reply.integer(redirectOf(session));
    reply.bulkLatin1("prefixes");
    const prefixes = [...(tracking?.prefixes ?? [])].toSorted();
    reply.array(prefixes.length);
    for (const prefix of prefixes) reply.bulkLatin1(prefix);
  },
});

function trackingFlags({ mode, cachingGivenBy, isRedirectBroken }: TrackingState): string[] {
  const isGiven = cachingGivenBy !== undefined;
  const flags: readonly (readonly [string, boolean])[] = [
    ["on", true],
    ["bcast", mode.isBroadcast],
    ["optin", mode.isOptIn],
    ["caching-yes", mode.isOptIn && isGiven],
    ["optout", mode.isOptOut],
    ["caching-no", mode.isOptOut && isGiven],
    ["noloop", mode.isNoLoop],
    ["broken_redirect", isRedirectBroken],
  ];
  return flags.filter(([, isSet]) => isSet).map(([name]) => name);
}
