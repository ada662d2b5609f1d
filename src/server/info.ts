// INFO: what the server says of itself, section by section, under Redis's field names, since
// monitoring reads them.
//
// Fields of features that are not there are left out, except those that clients and exporters need
// to find (`role`, `loading`, `cluster_enabled`), which say what is true.
import { totalmem } from "node:os";
import type { Engine } from "../engine/engine.ts";
import type { Session } from "../engine/session.ts";
import type { SnapshotJobs } from "../persistence/snapshot-jobs.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { Replication } from "../replication/replication.ts";
import type { ConfigValues } from "./config/parameters.ts";
import type { ListenerFacts } from "./listeners.ts";
import { replicationFields } from "./replication-info.ts";
import { redisVersion } from "./redis-version.ts";
import { version } from "./version.ts";

/** What INFO reports beside the engine's own counters. */
export interface InfoSource {
  readonly engine: Engine;
  readonly values: ConfigValues;
  readonly startMs: number;
  readonly listeners: readonly ListenerFacts[];
  readonly configFile: string;
  readonly runId: string;
  readonly connectionBytes: number;
  /** Since the last RESETSTAT or start. */
  readonly rates: {
    readonly operations: number;
    readonly inputBytes: number;
    readonly outputBytes: number;
    readonly turns: number;
    /** What a turn took on average. */
    readonly turnUs: number;
  };
  readonly transport: string;
  readonly persistence: Persistence;
  readonly replication: Replication;
  /** How long a shutdown waits for replicas yet; undefined when there is none under way. */
  readonly shutdownLeftMs: number | undefined;
}

type Field = readonly [name: string, value: string | number];
type Section = readonly [title: string, fields: (source: InfoSource) => Field[]];

const defaultSections: readonly Section[] = [
  ["Server", serverFields],
  ["Clients", clientFields],
  ["Memory", memoryFields],
  ["Persistence", persistenceFields],
  ["Stats", statsFields],
  [
    "Replication",
    ({ engine, values, replication }) =>
      replicationFields(replication, values, engine.keyspace.nowMs),
  ],
  ["CPU", cpuFields],
  ["Modules", () => []],
  ["Errorstats", errorFields],
  ["Cluster", () => [["cluster_enabled", 0]]],
  ["Keyspace", keyspaceFields],
];
/** These two are shown by `all`, `everything` and by name. */
const commandStats: Section = ["Commandstats", commandFields];
const latencyStats: Section = ["Latencystats", latencyFields];

/** Shown by name only. */
const debugSection: Section = ["Debug", debugFields];

const allSections: readonly Section[] = [
  ...defaultSections.slice(0, 8),
  commandStats,
  ...defaultSections.slice(8, 9),
  latencyStats,
  ...defaultSections.slice(9),
];

/**
 * The text of the sections that are asked for (lower case; none: the default ones). Unknown names
 * give nothing.
 */
export function infoText(source: InfoSource, sections: readonly string[]): string {
  const wanted = new Set(sections);
  const isDefault = wanted.size === 0 || wanted.has("default");
  const isAll = wanted.has("all") || wanted.has("everything");
  const shown = allSections.filter((section) => {
    if (isAll || wanted.has(section[0].toLowerCase())) return true;
    return isDefault && defaultSections.includes(section);
  });
  if (wanted.has("debug")) shown.push(debugSection);
  return shown.map(([title, fields]) => sectionText(title, fields(source))).join("\r\n");
}

function sectionText(title: string, fields: readonly Field[]): string {
  return `# ${title}\r\n${fields.map(([name, value]) => `${name}:${value}\r\n`).join("")}`;
}

function serverFields({
  engine,
  values,
  startMs,
  listeners,
  configFile,
  runId,
  transport,
  shutdownLeftMs,
}: InfoSource): Field[] {
  const { nowMs } = engine.keyspace;
  const uptimeSeconds = Math.floor((nowMs - startMs) / 1000);
  return [
    ["redis_version", redisVersion],
    ["redis_git_sha1", "00000000"],
    ["redis_git_dirty", 0],
    ["redis_build_id", "0"],
    ["redis_mode", "standalone"],
    ["respite_version", version],
    ["node_version", process.version],
    ["os", `${process.platform} ${process.arch}`],
    ["arch_bits", 64],
    ["monotonic_clock", "performance.now"],
    ["multiplexing_api", transport],
    ["process_id", process.pid],
    ["process_supervised", "no"],
    ["run_id", runId],
    ["tcp_port", listeners.find(({ port }) => port !== 0)?.port ?? 0],
    ["server_time_usec", Math.floor(nowMs * 1000)],
    ["uptime_in_seconds", uptimeSeconds],
    ["uptime_in_days", Math.floor(uptimeSeconds / 86400)],
    ["hz", values.hz],
    ["configured_hz", values.hz],
    ["lru_clock", engine.keyspace.accessClock],
    ["executable", process.execPath],
    ["config_file", configFile],
    ["io_threads_active", 0],
    ...(shutdownLeftMs === undefined
      ? []
      : [["shutdown_in_milliseconds", Math.floor(shutdownLeftMs)] as const]),
    ...listeners.map(listenerField),
  ];
}

function listenerField({ name, bind, port }: ListenerFacts, index: number): Field {
  const words = [`name=${name}`, ...bind.map((address) => `bind=${address}`)];
  if (port !== 0) words.push(`port=${port}`);
  return [`listener${index}`, words.join(",")];
}

function clientFields({ engine, values, replication }: InfoSource): Field[] {
  let longestInput = 0;
  let longestOutput = 0;
  for (const { link } of engine.sessions.values()) {
    longestInput = Math.max(longestInput, link.queryBytes);
    longestOutput = Math.max(longestOutput, link.outputBytes);
  }
  return [
    ["connected_clients", engine.sessions.size - replication.asPrimary.replicas.size],
    ["cluster_connections", 0],
    ["maxclients", values.maxclients],
    ["client_recent_max_input_buffer", longestInput],
    ["client_recent_max_output_buffer", longestOutput],
    ["blocked_clients", engine.blocking.waiterCount + engine.pause.heldCount],
    ["tracking_clients", engine.tracking.sessionCount],
    ["pubsub_clients", countSessions(engine, (each) => each.subscriptionCount > 0)],
    ["watching_clients", countSessions(engine, (each) => each.watches.length > 0)],
    ["total_watched_keys", engine.watches.count],
    ["clients_in_timeout_table", 0],
    ["total_blocking_keys", engine.blocking.queueCount],
    ["total_blocking_keys_on_nokey", engine.blocking.queuesEndingWithoutKey],
    ["paused_reason", engine.pause.reason],
    ["paused_actions", engine.pause.isActive ? engine.pause.mode : "none"],
    [
      "paused_timeout_milliseconds",
      engine.pause.isActive ? Math.max(0, engine.pause.endMs - engine.keyspace.nowMs) : 0,
    ],
  ];
}

function countSessions(engine: Engine, isCounted: (session: Session) => boolean): number {
  let count = 0;
  for (const session of engine.sessions.values()) if (isCounted(session)) count++;
  return count;
}

/** Lua's own objects lie on the JavaScript heap, where they cannot be told from others. */
function scriptFields({ scripting }: Engine): Field[] {
  const { cache, functions } = scripting;
  const functionBytes = functions.set.usedBytes;
  return [
    ["used_memory_lua", scripting.stateBytes],
    ["used_memory_vm_eval", scripting.stateBytes],
    ["used_memory_scripts_eval", cache.usedBytes],
    ["number_of_cached_scripts", cache.count],
    ["number_of_functions", functions.set.functionCount],
    ["number_of_libraries", functions.set.libraries.size],
    ["used_memory_vm_functions", functions.stateBytes],
    ["used_memory_vm_total", scripting.stateBytes + functions.stateBytes],
    ["used_memory_vm_total_human", humanBytes(scripting.stateBytes + functions.stateBytes)],
    ["used_memory_functions", functionBytes],
    ["used_memory_scripts", cache.usedBytes + functionBytes],
    ["used_memory_scripts_human", humanBytes(cache.usedBytes + functionBytes)],
  ];
}

function memoryFields({ engine, values, connectionBytes, replication }: InfoSource): Field[] {
  const { keyspace, statistics } = engine;
  const used = engine.usedBytes;
  const peak = Math.max(statistics.peakUsedBytes, used);
  const tables = keyspace.databases.reduce(
    (sum, db) => sum + db.overheadBytes + db.table.tableBytes,
    0,
  );
  const { rss, heapUsed } = process.memoryUsage();
  return [
    ["used_memory", used],
    ["used_memory_human", humanBytes(used)],
    ["used_memory_rss", rss],
    ["used_memory_rss_human", humanBytes(rss)],
    ["used_memory_peak", peak],
    ["used_memory_peak_human", humanBytes(peak)],
    ["used_memory_peak_perc", `${((used / peak) * 100).toFixed(2)}%`],
    ["used_memory_overhead", tables + connectionBytes],
    ["used_memory_startup", 0],
    ["used_memory_dataset", keyspace.arena.usedBytes],
    ["used_memory_dataset_perc", `${((keyspace.arena.usedBytes / used) * 100).toFixed(2)}%`],
    ["allocator_allocated", keyspace.arena.usedBytes],
    ["allocator_active", keyspace.arena.capacityBytes],
    ["allocator_resident", keyspace.arena.capacityBytes],
    ["total_system_memory", totalmem()],
    ["total_system_memory_human", humanBytes(totalmem())],
    ...scriptFields(engine),
    ["used_memory_js_heap", heapUsed],
    ["maxmemory", values.maxmemory],
    ["maxmemory_human", humanBytes(values.maxmemory)],
    ["maxmemory_policy", values.maxmemoryPolicy],
    ["mem_fragmentation_ratio", (rss / used).toFixed(2)],
    ["mem_fragmentation_bytes", rss - used],
    [
      "mem_overhead_db_hashtable_rehashing",
      keyspace.databases.reduce((sum, db) => sum + db.table.rehashingBytes, 0),
    ],
    ["mem_not_counted_for_evict", engine.host.unlimitedBytes],
    ["mem_replication_backlog", replication.history.infoBytes],
    ["mem_total_replication_buffers", replication.history.infoBytes],
    ["mem_clients_slaves", replication.asPrimary.outputBytes],
    ["mem_clients_normal", connectionBytes],
    ["mem_allocator", "respite-arena"],
    ["active_defrag_running", 0],
    ["lazyfree_pending_objects", keyspace.reclaimer.pendingCount],
    ["lazyfreed_objects", keyspace.statistics.lazyFreed],
  ];
}

function persistenceFields(source: InfoSource): Field[] {
  const { engine, persistence } = source;
  const { jobs, rdb } = persistence;
  const { running } = jobs;
  const { lastSaveSeconds, lastStatus, lastDurationSeconds, saves, keysLoaded, keysExpired } =
    rdb.statistics;
  const runningSeconds =
    running === undefined ? -1 : Math.floor((engine.keyspace.nowMs - running.startedMs) / 1000);
  const isSaving = rdb.isSaving;
  return [
    ["loading", persistence.loading === undefined || persistence.isLoadingBeside ? 0 : 1],
    ["async_loading", persistence.isLoadingBeside ? 1 : 0],
    ["current_cow_peak", 0],
    ["current_cow_size", 0],
    ["current_cow_size_age", 0],
    ["current_fork_perc", running === undefined ? "0.00" : sharePercent(running)],
    ["current_save_keys_processed", running?.job.keyCount ?? 0],
    ["current_save_keys_total", running?.keysTotal ?? 0],
    ["rdb_changes_since_last_save", engine.keyspace.dirty],
    ["rdb_bgsave_in_progress", isSaving ? 1 : 0],
    ["rdb_last_save_time", lastSaveSeconds],
    ["rdb_last_bgsave_status", lastStatus],
    ["rdb_last_bgsave_time_sec", lastDurationSeconds],
    ["rdb_current_bgsave_time_sec", isSaving ? runningSeconds : -1],
    ["rdb_saves", saves],
    ["rdb_last_cow_size", 0],
    ["rdb_last_load_keys_expired", keysExpired],
    ["rdb_last_load_keys_loaded", keysLoaded],
    ...appendOnlyFields(source),
    ...loadingFields(source),
  ];
}

function appendOnlyFields({ engine, persistence }: InfoSource): Field[] {
  const { aof, jobs } = persistence;
  const { statistics, writer } = aof;
  const { running } = jobs;
  const isRewriting = running !== undefined && running.purpose === "aof";
  const fields: Field[] = [
    ["aof_enabled", aof.state === "off" ? 0 : 1],
    ["aof_rewrite_in_progress", isRewriting ? 1 : 0],
    ["aof_rewrite_scheduled", aof.isScheduled ? 1 : 0],
    ["aof_last_rewrite_time_sec", statistics.lastDurationSeconds],
    [
      "aof_current_rewrite_time_sec",
      isRewriting ? Math.floor((engine.keyspace.nowMs - running.startedMs) / 1000) : -1,
    ],
    ["aof_last_bgrewrite_status", statistics.lastStatus],
    ["aof_rewrites", statistics.rewrites],
    ["aof_rewrites_consecutive_failures", statistics.consecutiveFailures],
    ["aof_last_write_status", writer.error === undefined ? "ok" : "err"],
    ["aof_last_cow_size", 0],
  ];
  if (aof.state === "off") return fields;
  return [
    ...fields,
    ["aof_current_size", aof.bytes],
    ["aof_base_size", statistics.sizeAfterRewrite],
    ["aof_pending_rewrite", 0],
    ["aof_buffer_length", writer.bufferedBytes],
    ["aof_pending_bio_fsync", writer.isSyncing ? 1 : 0],
    ["aof_delayed_fsync", writer.delayedSyncs],
  ];
}

function loadingFields({ engine, persistence }: InfoSource): Field[] {
  const { loading, loadingStartedMs } = persistence;
  if (loading === undefined) return [];
  const { totalBytes, loadedBytes } = loading;
  const seconds = Math.floor((engine.keyspace.nowMs - loadingStartedMs) / 1000);
  const leftSeconds = loadedBytes === 0 ? 1 : (seconds * (totalBytes - loadedBytes)) / loadedBytes;
  return [
    ["loading_start_time", Math.floor(loadingStartedMs / 1000)],
    ["loading_total_bytes", totalBytes],
    ["loading_rdb_used_mem", 0],
    ["loading_loaded_bytes", loadedBytes],
    ["loading_loaded_perc", ((100 * loadedBytes) / Math.max(totalBytes, 1)).toFixed(2)],
    ["loading_eta_seconds", Math.floor(leftSeconds)],
  ];
}

function sharePercent({ job, keysTotal }: NonNullable<SnapshotJobs["running"]>): string {
  return ((100 * job.keyCount) / Math.max(keysTotal, 1)).toFixed(2);
}

function statsFields({ engine, persistence, rates, replication }: InfoSource): Field[] {
  const { statistics: syncs } = replication.asPrimary;
  const { statistics, keyspace, memoryLimit } = engine;
  return [
    ["total_connections_received", statistics.connections],
    ["total_commands_processed", statistics.commands],
    ["instantaneous_ops_per_sec", rates.operations],
    ["total_net_input_bytes", statistics.inputBytes],
    ["total_net_output_bytes", statistics.outputBytes],
    ["instantaneous_input_kbps", (rates.inputBytes / 1024).toFixed(2)],
    ["instantaneous_output_kbps", (rates.outputBytes / 1024).toFixed(2)],
    ["rejected_connections", statistics.rejectedConnections],
    ["sync_full", syncs.full],
    ["sync_partial_ok", syncs.partialOk],
    ["sync_partial_err", syncs.partialErr],
    ["migrate_cached_sockets", engine.host.peers.idleCount],
    ["expired_subkeys", keyspace.statistics.expiredFields],
    ["expired_keys", keyspace.statistics.expired],
    ["expired_time_cap_reached_count", statistics.expiredTimeCapReached],
    ["expire_cycle_cpu_milliseconds", Math.floor(statistics.expireCycleUs / 1000)],
    ["evicted_keys", keyspace.statistics.evicted],
    ["evicted_clients", statistics.evictedClients],
    ["evicted_scripts", engine.scripting.cache.evictedCount],
    ["total_eviction_exceeded_time", Math.floor(memoryLimit.totalExceededUs / 1000)],
    ["current_eviction_exceeded_time", Math.floor(memoryLimit.currentExceededUs / 1000)],
    ["keyspace_hits", keyspace.statistics.hits],
    ["keyspace_misses", keyspace.statistics.misses],
    ["pubsub_channels", engine.pubsub.topicCount("channel")],
    ["pubsub_patterns", engine.pubsub.topicCount("pattern")],
    ["pubsubshard_channels", engine.pubsub.topicCount("shard")],
    ["latest_fork_usec", 0],
    ["total_forks", persistence.jobs.startedCount],
    ["slave_expires_tracked_keys", replication.localExpiries.count],
    ["tracking_total_keys", engine.tracking.keyCount],
    ["tracking_total_items", engine.tracking.itemCount],
    ["tracking_total_prefixes", engine.tracking.prefixCount],
    ["unexpected_error_replies", statistics.unexpectedErrors],
    ["total_error_replies", statistics.errorReplies],
    ["client_query_buffer_limit_disconnections", statistics.queryBufferLimitDisconnections],
    ["client_output_buffer_limit_disconnections", statistics.outputBufferLimitDisconnections],
    ["acl_access_denied_auth", engine.access.log.counts.auth],
    ["acl_access_denied_cmd", engine.access.log.counts.command],
    ["acl_access_denied_key", engine.access.log.counts.key],
    ["acl_access_denied_channel", engine.access.log.counts.channel],
    ["eventloop_cycles", statistics.turns],
    ["eventloop_duration_sum", Math.floor(statistics.turnUs)],
    ["eventloop_duration_max", Math.floor(statistics.turnUsMax)],
    ["eventloop_duration_cmd_sum", Math.floor(statistics.commandUs)],
    ["instantaneous_eventloop_cycles_per_sec", Math.round(rates.turns)],
    ["instantaneous_eventloop_duration_usec", Math.round(rates.turnUs)],
  ];
}

function debugFields({ engine: { statistics } }: InfoSource): Field[] {
  return [
    ["eventloop_duration_aof_sum", Math.floor(statistics.logWriteUs)],
    ["eventloop_duration_cron_sum", Math.floor(statistics.cronUs)],
    ["eventloop_duration_max", Math.floor(statistics.turnUsMax)],
    ["eventloop_cmd_per_cycle_max", statistics.turnCommandsMax],
  ];
}

function cpuFields(): Field[] {
  const usage = process.resourceUsage();
  return [
    ["used_cpu_sys", (usage.systemCPUTime / 1e6).toFixed(6)],
    ["used_cpu_user", (usage.userCPUTime / 1e6).toFixed(6)],
  ];
}

function commandFields({ engine }: InfoSource): Field[] {
  return engine.registered
    .filter((each) => each.calls > 0 || each.rejectedCalls > 0 || each.failedCalls > 0)
    .map((each) => {
      const mean = each.calls === 0 ? 0 : each.microseconds / each.calls;
      return [
        `cmdstat_${each.fullName}`,
        `calls=${each.calls},usec=${Math.floor(each.microseconds)},` +
          `usec_per_call=${mean.toFixed(2)},rejected_calls=${each.rejectedCalls},` +
          `failed_calls=${each.failedCalls}`,
      ] as const;
    });
}

/** Percentiles of the running times; the times are in microseconds. */
function latencyFields({ engine, values }: InfoSource): Field[] {
  if (!values.latencyTracking) return [];
  const fields: Field[] = [];
  for (const { fullName, histogram } of engine.registered) {
    if (histogram === undefined) continue;
    const percentiles = values.latencyTrackingInfoPercentiles.map(
      (each) => `p${Number(each.toFixed(6))}=${histogram.percentileUs(each).toFixed(3)}`,
    );
    fields.push([`latency_percentiles_usec_${fullName}`, percentiles.join(",")]);
  }
  return fields;
}

function errorFields({ engine }: InfoSource): Field[] {
  return [...engine.statistics.errorsByCode].map(
    ([code, count]) => [`errorstat_${code}`, `count=${count}`] as const,
  );
}

function keyspaceFields({ engine }: InfoSource): Field[] {
  return engine.keyspace.databases
    .filter((db) => db.size > 0)
    .map(
      (db) =>
        [
          `db${db.index}`,
          `keys=${db.size},expires=${db.volatileKeys.count},` +
            `avg_ttl=${Math.floor(db.averageTtlMs)},subexpiry=${db.hashExpiries.count}`,
        ] as const,
    );
}

/** As Redis prints sizes for people: bytes, then K, M, G with two decimals. */
export function humanBytes(bytes: number): string {
  const units = ["K", "M", "G", "T", "P"];
  if (bytes < 1024) return `${bytes}B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(2)}${units[unit]}`;
}
