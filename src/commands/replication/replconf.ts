// REPLCONF: what a replica tells its primary, before it asks for the stream and while it follows.
import type { Slices } from "../../bytes/slices.ts";
import { integerArgument, rangeArgument } from "../../engine/argument.ts";
import type { Context } from "../../engine/command.ts";
import { command } from "../../engine/command.ts";
import type { ReplicaProfile } from "../../engine/replication-control.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

/** Longer addresses are none. */
const addressBytesMax = 255;
const unreadable = new Failure("");

/** What is told of a replica: option and value. */
const options: Record<string, (profile: ReplicaProfile, args: Slices, value: number) => void> = {
  "listening-port"(profile, args, value) {
    profile.listeningPort = integerArgument(args, value);
  },
  "ip-address"(profile, args, value) {
    const { [value]: length } = args.lengths;
    if (length > addressBytesMax) {
      throw new Failure(
        `ERR REPLCONF ip-address provided by replica instance is too long: ${length} bytes`,
      );
    }
    profile.address = args.latin1(value);
  },
  capa(profile, args, value) {
    // Others may be understood by later versions.
    const capability = args.latin1(value).toLowerCase();
    if (capability === "eof") profile.understandsMark = true;
    else if (capability === "psync2") profile.understandsNewId = true;
  },
  "rdb-only"(profile, args, value) {
    profile.wantsOnlySnapshot = rangeArgument(args, value, 0, 1) === 1;
  },
  "rdb-filter-only"(profile, args, value) {
    profile.excludesData = true;
    profile.excludesFunctions = true;
    for (const name of args.latin1(value).split(/\s+/).filter(Boolean)) {
      if (name.toLowerCase() !== "functions") {
        throw new Failure(`ERR Unsupported rdb-filter-only option: ${name}`);
      }
      profile.excludesFunctions = false;
    }
  },
  version(profile, args, value) {
    const [major = 0, minor = 0, patch = 0] = args.latin1(value).split(".").map(Number);
    profile.version = (major << 16) | (minor << 8) | patch;
  },
};

/** Gets no reply, whatever it says: the replica would take it for a part of the stream. */
function acknowledge({ args, session, engine }: Context, index: number): void {
  try {
    const offset = integerArgument(args, index + 1, unreadable);
    const hasAof = args.count > index + 3 && args.latin1(index + 2).toLowerCase() === "fack";
    const aofOffset = hasAof ? integerArgument(args, index + 3, unreadable) : -1;
    engine.host.replication.acknowledge(session, offset, aofOffset);
  } catch (error) {
    if (error !== unreadable) throw error;
  }
}

export const replconf = command({
  name: "REPLCONF",
  summary: "Tells a primary about a replica, or how far it is; for the servers' own use.",
  since: "3.0.0",
  group: "server",
  complexity: "O(1)",
  flags: ["admin", "noscript", "loading", "stale", "allow_busy"],
  isSystemCommand: true,
  words: [],
  arity: -1,

  run(context) {
    const { args, reply, session, engine } = context;
    if (args.count % 2 === 0) throw syntaxError;
    for (let index = 1; index < args.count; index += 2) {
      const option = args.latin1(index).toLowerCase();
      if (option === "ack") {
        acknowledge(context, index);
        return;
      }
      // A primary asks this of its replica; whoever is none has nothing to say.
      if (option === "getack") {
        if (session.isPrimary) engine.host.following.acknowledge();
        return;
      }
      if (!Object.hasOwn(options, option)) {
        throw new Failure(`ERR Unrecognized REPLCONF option: ${args.latin1(index)}`);
      }
      options[option](engine.host.replication.profileOf(session), args, index + 1);
    }
    reply.ok();
  },
});
