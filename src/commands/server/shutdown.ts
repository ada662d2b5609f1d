import { command } from "../../engine/command.ts";
import { oneOf, optional, token } from "../../engine/word.ts";
import { Failure, syntaxError } from "../../keyspace/failure.ts";

const noShutdown = new Failure("ERR No shutdown in progress.");

export const shutdown = command({
  name: "SHUTDOWN",
  summary: "Ends the server, in order; what is configured to be saved is saved.",
  since: "1.0.0",
  group: "server",
  complexity: "O(N) where N is the number of keys, when they are saved; otherwise O(1)",
  flags: ["admin", "noscript", "loading", "stale", "no_multi", "sentinel", "allow_busy"],
  history: [["7.0.0", "The words `NOW`, `FORCE` and `ABORT`."]],
  words: [
    optional(oneOf("save-selector", [token("nosave"), token("save")])),
    optional(token("now", { since: "7.0.0" })),
    optional(token("force", { since: "7.0.0" })),
    optional(token("abort", { since: "7.0.0" })),
  ],

  run(context) {
    const { options, reply, engine } = context;
    const { scripting } = engine;
    const isBusy = scripting.run.isRunning;
    if (isBusy && options.abort === 0 && options.nosave === 0) throw scripting.run.busyFailure;
    const isNow = options.now > 0 || isBusy;
    const isForced = options.force > 0;
    if (options.abort > 0) {
      if (isNow || isForced || options.save > 0 || options.nosave > 0) throw syntaxError;
      if (!engine.host.abortShutdown()) throw noShutdown;
      reply.ok();
      return;
    }
    let save: "default" | "save" | "nosave" = "default";
    if (options.save > 0) save = "save";
    if (options.nosave > 0) save = "nosave";
    const outcome = engine.host.shutdown({ save, now: isNow, force: isForced });
    if (outcome === undefined) {
      scripting.abandon();
      return;
    }
    if (outcome !== "waiting") throw outcome;
    engine.block(context, {
      keys: [],
      deadlineMs: 0,
      retry: (later) => {
        const failure = later.engine.host.shutdownOutcome;
        if (failure !== undefined) throw failure;
        return false;
      },
      timedOut: () => undefined,
    });
  },
});
