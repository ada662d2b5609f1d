// Full resynchronization: which snapshot a replica gets that cannot go on from what it has.
//
// One snapshot serves all that wait when it begins. Straight to the sockets (SocketTransfer) if
// `repl-diskless-sync` says so and all of them understand the mark at its end; else through the
// dump file (FileTransfer), and then one that comes while the file is being written may join in,
// since what it needs of the stream is kept for the first. The stream that a replica gets later
// begins with the instant of its snapshot.
import { asciiBytes } from "../bytes/ascii.ts";
import type { Engine } from "../engine/engine.ts";
import type { DiskFile } from "../persistence/disk.ts";
import { DiskError } from "../persistence/disk.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { FileTransfer } from "./file-transfer.ts";
import { LogReader } from "./log-reader.ts";
import type { Replica } from "./replica.ts";
import type { ReplicationHistory } from "./replication-history.ts";
import type { ReplicationContext } from "./replication-settings.ts";
import { SocketTransfer } from "./socket-transfer.ts";

export interface FullSyncOptions {
  readonly engine: Engine;
  readonly persistence: Persistence;
  readonly history: ReplicationHistory;
  readonly context: ReplicationContext;
  readonly replicas: ReadonlySet<Replica>;
  /** The replica has its snapshot: it is online, or done if it wanted nothing else. */
  onSynchronized(replica: Replica): void;
  /** The replica is to be closed. */
  drop(replica: Replica): void;
}

const snapshotFailed = asciiBytes("-ERR BGSAVE failed, replication can't continue\r\n");

export class FullSync {
  readonly #options: FullSyncOptions;
  /** The snapshot that goes to sockets now. */
  #transfer: SocketTransfer | undefined;
  /** The dump file was written for replicas, not for us. */
  #isFileForReplicas = false;

  constructor(options: FullSyncOptions) {
    this.#options = options;
    options.persistence.rdb.onBackgroundEnd = (error) => this.#fileEnded(error);
  }

  /** A replica has come that needs a snapshot. */
  request(replica: Replica): void {
    const { persistence, context } = this.#options;
    const { log, settings } = context;
    const { jobs } = persistence;
    if (jobs.isRunning("rdb")) {
      this.#joinFile(replica);
    } else if (jobs.isRunning("replicas")) {
      log("notice", "Current BGSAVE has socket target. Waiting for next BGSAVE for SYNC");
    } else if (
      settings.replDisklessSync &&
      replica.profile.understandsMark &&
      settings.replDisklessSyncDelay > 0
    ) {
      log("notice", "Delay next BGSAVE for diskless SYNC");
    } else if (jobs.running === undefined) {
      this.#begin(this.#waitingLike(replica));
    } else {
      log(
        "notice",
        "No BGSAVE in progress, but another BG operation is active. " +
          "BGSAVE for replication delayed",
      );
    }
  }

  /** A snapshot is being written: it will do if the stream since its instant is kept. */
  #joinFile(replica: Replica): void {
    const { replicas, context } = this.#options;
    for (const other of replicas) {
      if (other === replica || other.state !== "snapshot") continue;
      if (other.profile.wantsOnlySnapshot && !replica.profile.wantsOnlySnapshot) continue;
      if (!canShare(replica, other)) break;
      this.#beginStream(replica, other.initialOffset);
      context.log("notice", "Waiting for end of BGSAVE for SYNC");
      return;
    }
    context.log(
      "notice",
      "Can't attach the replica to the current BGSAVE. Waiting for next BGSAVE for SYNC",
    );
  }

  /** Begins a snapshot for those who wait, when it is time. */
  startPending(): void {
    const { replicas, persistence, context, engine } = this.#options;
    const { settings } = context;
    if (persistence.jobs.running !== undefined || engine.isInTransaction) return;
    let first: Replica | undefined;
    for (const each of replicas) if (each.state === "waiting") first ??= each;
    if (first === undefined) return;
    const waiting = this.#waitingLike(first);
    const {
      replDisklessSync: isDiskless,
      replDisklessSyncDelay: delay,
      replDisklessSyncMaxReplicas: max,
    } = settings;
    const sinceMs = Math.min(...waiting.map((each) => each.sinceMs));
    const isOver = engine.keyspace.nowMs - sinceMs >= delay * 1000;
    const isFull = max > 0 && waiting.length >= max;
    if (!isDiskless || isOver || isFull) this.#begin(waiting);
  }

  /** All who wait and can share a snapshot with this one. */
  #waitingLike(replica: Replica): Replica[] {
    return [...this.#options.replicas].filter(
      (each) => each.state === "waiting" && hasSameFilter(each, replica),
    );
  }

  #begin(replicas: readonly Replica[]): void {
    const { context } = this.#options;
    const { excludesData, excludesFunctions } = replicas[0].profile;
    const isFiltered = excludesData || excludesFunctions;
    const understandMark = replicas.every((each) => each.profile.understandsMark);
    const isDirect = (context.settings.replDisklessSync || isFiltered) && understandMark;
    const place = isDirect ? "replicas sockets" : "disk";
    context.log("notice", `Starting BGSAVE for SYNC with target: ${place}`);
    if (isDirect) this.#beginTransfer(replicas);
    else this.#beginFile(replicas);
  }

  #beginFile(replicas: readonly Replica[]): void {
    const { persistence, context, history } = this.#options;
    if (persistence.saveInBackground({ mayWait: false }) !== "started") {
      context.log("warning", "BGSAVE for replication failed");
      for (const each of replicas) {
        each.link.direct.send(snapshotFailed, 0, snapshotFailed.length);
        each.link.closeAfterReply();
      }
      return;
    }
    this.#isFileForReplicas = true;
    for (const each of replicas) this.#beginStream(each, history.offset);
  }

  #beginTransfer(replicas: readonly Replica[]): void {
    const { persistence, context, history, engine } = this.#options;
    const { keyspace } = engine;
    const { excludesData, excludesFunctions } = replicas[0].profile;
    for (const each of replicas) this.#beginStream(each, history.offset);
    const transfer = new SocketTransfer({
      replicas,
      mark: context.randomId(),
      begin: (sink) =>
        persistence.rdb.writer(keyspace, sink, {
          isBase: false,
          excludesData,
          excludesFunctions,
        }),
      isInDemand: () => engine.snapshotHold.isHolding,
      nowMs: () => keyspace.nowMs,
      wake: context.wake,
    });
    this.#transfer = transfer;
    const done = (error: DiskError | undefined): void => this.#transferEnded(transfer, error);
    persistence.startForReplicas(transfer, done);
  }

  /** Tells the replica where its snapshot stands, and keeps the stream from there for it. */
  #beginStream(replica: Replica, offset: number): void {
    const { history, engine } = this.#options;
    const { keyspace } = engine;
    replica.state = "snapshot";
    replica.initialOffset = offset;
    // The stream must be good for whoever begins to read here.
    history.forgetDatabase();
    if (!replica.profile.wantsOnlySnapshot && history.backlog !== undefined) {
      replica.stream = new LogReader({
        log: history.backlog,
        place: offset,
        link: replica.link.direct,
        nowMs: () => keyspace.nowMs,
        onSent: () => undefined,
      });
      history.readers.add(replica);
    }
    if (replica.isOld) return;
    const reply = asciiBytes(`+FULLRESYNC ${history.id} ${offset}\r\n`);
    replica.link.direct.send(reply, 0, reply.length);
  }

  #transferEnded(transfer: SocketTransfer, error: DiskError | undefined): void {
    const { context } = this.#options;
    this.#transfer = undefined;
    const { log } = context;
    if (error === undefined) {
      const { size } = transfer.replicas;
      log("notice", `Diskless rdb transfer, done reading from pipe, ${size} replicas still up.`);
      log("notice", "Background RDB transfer terminated with success");
    } else if (transfer.replicas.size === 0) {
      log("warning", "Diskless rdb transfer, last replica dropped, killing fork child.");
    } else {
      log("warning", `Background transfer error: ${error.message}`);
    }
    for (const replica of transfer.replicas) {
      replica.transfer = undefined;
      if (error !== undefined) {
        log("warning", "SYNC failed. BGSAVE child returned an error");
        this.#options.drop(replica);
        continue;
      }
      log(
        "notice",
        `Streamed RDB transfer with replica ${replica.name} succeeded (socket). ` +
          "Waiting for REPLCONF ACK from replica to enable streaming",
      );
      // It finds the end of the snapshot more easily when nothing follows before it says so.
      replica.awaitsAck = true;
      this.#options.onSynchronized(replica);
    }
    this.startPending();
  }

  /** A background save has ended, for whomever it was. */
  #fileEnded(error: DiskError | undefined): void {
    const { replicas, context } = this.#options;
    for (const replica of replicas) {
      if (replica.state !== "snapshot" || replica.transfer !== undefined) continue;
      if (error !== undefined) {
        context.log("warning", "SYNC failed. BGSAVE child returned an error");
        this.#options.drop(replica);
      } else {
        this.#sendFile(replica);
      }
    }
    // Not from within: the snapshot that has ended still stands in its job.
    context.wake();
  }

  #sendFile(replica: Replica): void {
    const { persistence, context } = this.#options;
    let file: DiskFile | undefined;
    try {
      file = persistence.openDump();
      replica.state = "sending";
      replica.transfer = new FileTransfer({
        file,
        link: replica.link.direct,
        later: (next) => replica.link.direct.whenSent(next),
        onEnd: (error) => {
          replica.transfer = undefined;
          if (error === undefined) {
            this.#options.onSynchronized(replica);
            return;
          }
          context.log("warning", `Read error sending DB to replica: ${error.message}`);
          this.#options.drop(replica);
        },
      });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      file?.close();
      context.log("warning", `SYNC failed. Can't open/stat DB after BGSAVE: ${error.message}`);
      this.#options.drop(replica);
    }
  }

  /** The replica is gone. */
  forget(replica: Replica): void {
    const { persistence, replicas, context } = this.#options;
    this.#transfer?.drop(replica);
    if (this.#transfer?.replicas.size === 0) {
      persistence.jobs.abort(new DiskError("ECANCELED", "no replica is left"));
      return;
    }
    // A file that nobody waits for any longer need not be finished, unless saving is asked for.
    const isForFile = replica.state === "snapshot" && persistence.jobs.isRunning("rdb");
    if (!isForFile || context.settings.save.length > 0) return;
    for (const each of replicas) if (each.state === "snapshot") return;
    persistence.jobs.abort(new DiskError("ECANCELED", "no replica is left"));
  }

  /** Since when a replica takes nothing of its snapshot, in ms since 1970; 0: it does. */
  stalledSinceMs(replica: Replica): number {
    return this.#transfer?.stalledSinceMs(replica) ?? 0;
  }

  /** Whether the replica waits in a way in which it must be told that we are there. */
  isSilent(replica: Replica): boolean {
    if (replica.state === "waiting") return true;
    return replica.state === "snapshot" && replica.transfer === undefined;
  }

  /** `rdb-del-sync-files`: a server that saves nothing does not leave a file lying about. */
  removeFileOfReplicas(): void {
    const { context, persistence, replicas } = this.#options;
    const { rdbDelSyncFiles, save, appendonly } = context.settings;
    if (!rdbDelSyncFiles) this.#isFileForReplicas = false;
    if (!this.#isFileForReplicas || save.length > 0 || appendonly) return;
    for (const { state } of replicas) if (state !== "online") return;
    this.#isFileForReplicas = false;
    if (!persistence.removeDump()) return;
    context.log(
      "notice",
      "Removing the RDB file used to feed replicas in a persistence-less instance",
    );
  }
}

function hasSameFilter(a: Replica, b: Replica): boolean {
  return (
    a.profile.excludesData === b.profile.excludesData &&
    a.profile.excludesFunctions === b.profile.excludesFunctions
  );
}

/** Whether a snapshot that is made for `other` will do for `replica`. */
function canShare(replica: Replica, other: Replica): boolean {
  const { understandsMark, understandsNewId } = other.profile;
  if (understandsMark && !replica.profile.understandsMark) return false;
  if (understandsNewId && !replica.profile.understandsNewId) return false;
  return hasSameFilter(replica, other);
}
