import type { Slices } from "../../bytes/slices.ts";
import { command } from "../../engine/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { RegisteredCommand } from "../../engine/registered-command.ts";
import type { Session } from "../../engine/session.ts";
import { Failure } from "../../keyspace/failure.ts";
import { debugProbes } from "./debug-probes.ts";
import { wrongProbe } from "./wrong-probe.ts";

const notAllowed = new Failure(
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can ' +
    "run it from a local connection, otherwise you need to set this option in the configuration " +
    "file, and then restart the server.",
);

/** Subcommands that Redis has and this server will not or cannot follow, and why. */
const unsupported: ReadonlyMap<string, string> = new Map([
  ["assert", "this server does not crash on request"],
  ["crash-and-recover", "this server does not crash on request"],
  ["leak", "this server does not lose memory on request"],
  ["oom", "this server does not crash on request"],
  ["panic", "this server does not crash on request"],
  ["restart", "whoever started the server restarts it"],
  ["segfault", "this server does not crash on request"],
]);

const probes = new RegisteredCommand(debugProbes);

export const debug = command({
  name: "DEBUG",
  summary: "Looks into the server and switches parts of it on and off, for tests of the server.",
  since: "1.0.0",
  group: "server",
  complexity: "Depends on subcommand.",
  flags: ["admin", "noscript", "loading", "stale", "protected"],
  isSystemCommand: true,
  arity: -2,
  words: [],

  run(context) {
    const { args, session, engine } = context;
    if (!isAllowed(session, engine)) throw notAllowed;
    engine.propagation.suppress();
    const probe = findProbe(args);
    if (probe !== undefined) {
      probe.run(context);
      return;
    }
    const name = args.latin1(1);
    const reason = unsupported.get(name.toLowerCase());
    if (reason === undefined) throw wrongProbe(args);
    throw new Failure(`ERR DEBUG ${name.toUpperCase()} is not supported: ${reason}`);
  },
});

function isAllowed(session: Session, engine: Engine): boolean {
  const setting = engine.host.settings.enableDebugCommand;
  return setting === "yes" || (setting === "local" && session.link.isLocal);
}

/**
 * The probe that the request names, if it also has as many arguments as that takes; each word of a
 * probe is one.
 */
function findProbe(args: Slices): RegisteredCommand | undefined {
  const probe = probes.subtable.find(args.bytes, args.offsets[1], args.lengths[1]);
  if (probe === undefined || !probe.acceptsCount(args.count)) return undefined;
  const { words } = probe.declaration;
  const isOpenEnded = words.some((word) => word.many === true);
  return isOpenEnded || args.count <= words.length + 2 ? probe : undefined;
}
