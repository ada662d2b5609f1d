// Loads the append-only file at the start: its commands are run by a session of their own, which
// nothing refuses and nothing keeps waiting.
import type { Slices } from "../bytes/slices.ts";
import type { Engine } from "../engine/engine.ts";
import { discardTransaction } from "../engine/transaction.ts";
import type { Session, SessionLink } from "../engine/session.ts";
import { AofLoader } from "./aof-loader.ts";
import type { AofManifest } from "./aof-manifest.ts";
import type { AofPlace } from "./aof-manifest-file.ts";
import type { Disk } from "./disk.ts";
import type { Loading } from "./rdb-file-loading.ts";
import { rdbListener } from "./rdb-file-loading.ts";
import type { PersistenceContext } from "./settings.ts";

const nowhere: SessionLink = {
  kind: "none",
  remoteAddress: "",
  localAddress: "",
  descriptor: -1,
  queryBytes: 0,
  queryFreeBytes: 0,
  outputBytes: 0,
  hasReplies: false,
  direct: { unsentBytes: 0, send: () => undefined, whenSent: () => undefined },
  outputBuffers: 0,
  memoryBytes: 0,
  isLocal: true,
  closeAfterReply: () => undefined,
  close: () => undefined,
  write: () => undefined,
  push: () => undefined,
  pushLast: () => undefined,
  resume: () => undefined,
};

export class AofLoading implements Loading {
  readonly loader: AofLoader;
  readonly #engine: Engine;
  readonly #session: Session;

  /** Throws an AofError or a DiskError. */
  constructor(
    engine: Engine,
    disk: Disk,
    files: { readonly manifest: AofManifest; readonly place: AofPlace },
    context: PersistenceContext,
  ) {
    this.#engine = engine;
    const { keyspace, host } = engine;
    const { settings, log } = context;
    const session = engine.createSession(nowhere);
    session.isReplay = true;
    session.isAuthenticated = true;
    this.#session = session;
    let lastUs = host.clock.monotonicUs();
    const options = {
      place: files.place,
      cutsTornEnd: settings.aofLoadTruncated,
      policy: settings.maxmemoryPolicy,
      checksum: settings.rdbchecksum ? "compared" : "ignored",
    } as const;
    this.loader = new AofLoader(keyspace, disk, files.manifest, options, {
      rdb: rdbListener(engine, context, {
        functions: engine.scripting.functions.set,
        replaces: false,
      }),
      log,
      execute: (args) => this.#execute(args),
      fileLoaded(name, kind) {
        const nowUs = host.clock.monotonicUs();
        const seconds = ((nowUs - lastUs) / 1e6).toFixed(3);
        lastUs = nowUs;
        log("notice", `DB loaded from ${kind} file ${name}: ${seconds} seconds`);
      },
      transactionDropped() {
        discardTransaction(engine, session);
      },
    });
  }

  get totalBytes(): number {
    return this.loader.totalBytes;
  }

  get loadedBytes(): number {
    return this.loader.loadedBytes;
  }

  step(bytesMax: number): boolean {
    const isDone = this.loader.step(bytesMax);
    if (isDone) this.#engine.removeSession(this.#session);
    return isDone;
  }

  #execute(args: Slices): boolean {
    const { reply } = this.#engine;
    if (this.#engine.find(args) === undefined) return false;
    const mark = reply.position;
    this.#engine.execute(this.#session, args);
    reply.position = mark;
    return true;
  }
}
