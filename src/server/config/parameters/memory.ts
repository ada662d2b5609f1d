// Parameters of memory: its limit, eviction, expiry, freeing in the background, and up to which
// size the small encodings of each data type are kept.

import { integer, intMax, intMin, longMax, unsignedLongMax } from "../integer-kind.ts";
import { choice, fixed, stored, yesNo } from "../parameter.ts";

const evictionPolicies = [
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "noeviction",
] as const;

const count = { min: 0, max: longMax, unsigned: true } as const;
const bytes = { min: 0, max: longMax, unit: "memory", unsigned: true } as const;

export const memory = [
  integer("maxmemory", 0, {
    summary: "Bytes of data above which commands that need more are refused; 0 is no limit.",
    min: 0,
    max: unsignedLongMax,
    unit: "memory",
    unsigned: true,
  }),
  choice("maxmemory-policy", "noeviction", evictionPolicies, {
    summary: "Which keys are removed to stay below maxmemory.",
  }),
  integer("maxmemory-samples", 5, {
    summary: "How many keys are looked at to find one to evict.",
    min: 1,
    max: 64,
  }),
  integer("maxmemory-eviction-tenacity", 10, {
    summary: "How long one round of eviction may take, from 0 (short) to 100 (until done).",
    min: 0,
    max: 100,
  }),
  integer("maxmemory-clients", 0, {
    summary: "Bytes, or share of maxmemory, that all clients' buffers together may take.",
    min: -100,
    max: longMax,
    unit: "percent-or-memory",
  }),
  integer("lfu-log-factor", 10, {
    summary: "How slowly the counter of a key's uses grows.",
    min: 0,
    max: intMax,
  }),
  integer("lfu-decay-time", 1, {
    summary: "Minutes after which the counter of a key's uses falls by one.",
    min: 0,
    max: intMax,
  }),
  integer("active-expire-effort", 1, {
    summary: "How hard the server looks for expired keys, from 1 to 10.",
    min: 1,
    max: 10,
  }),
  yesNo("activerehashing", true, {
    summary: "Goes on with the growing and shrinking of tables while the server is idle.",
  }),
  yesNo("lazyfree-lazy-eviction", false, {
    summary: "Frees evicted values in the background.",
  }),
  yesNo("lazyfree-lazy-expire", false, {
    summary: "Frees expired values in the background.",
  }),
  yesNo("lazyfree-lazy-server-del", false, {
    summary: "Frees values in the background that a command overwrites.",
  }),
  yesNo("lazyfree-lazy-user-del", false, {
    summary: "Makes DEL free in the background, as UNLINK does.",
  }),
  yesNo("lazyfree-lazy-user-flush", false, {
    summary: "Makes FLUSHDB and FLUSHALL free in the background unless they say SYNC.",
  }),
  yesNo("activedefrag", false, {
    summary: "Moves values together so that memory can be given back.",
    awaits: fixed("active defragmentation"),
  }),
  integer("active-defrag-ignore-bytes", 100 << 20, {
    summary: "Wasted bytes below which nothing is moved.",
    min: 1,
    max: longMax,
    unit: "memory",
    unsigned: true,
    awaits: stored("active defragmentation"),
  }),
  integer("active-defrag-threshold-lower", 10, {
    summary: "Percentage of waste at which moving starts.",
    min: 0,
    max: 1000,
    awaits: stored("active defragmentation"),
  }),
  integer("active-defrag-threshold-upper", 100, {
    summary: "Percentage of waste at which moving takes the most time it may.",
    min: 0,
    max: 1000,
    awaits: stored("active defragmentation"),
  }),
  integer("active-defrag-cycle-min", 1, {
    summary: "Least percentage of time that moving takes.",
    min: 1,
    max: 99,
    awaits: stored("active defragmentation"),
  }),
  integer("active-defrag-cycle-max", 25, {
    summary: "Largest percentage of time that moving takes.",
    min: 1,
    max: 99,
    awaits: stored("active defragmentation"),
  }),
  integer("active-defrag-max-scan-fields", 1000, {
    summary: "Fields above which a value is moved piece by piece.",
    min: 1,
    max: longMax,
    awaits: stored("active defragmentation"),
  }),
  yesNo("jemalloc-bg-thread", true, {
    summary: "Lets jemalloc clean up in a thread of its own.",
    awaits: stored("jemalloc"),
  }),
  integer("hash-max-listpack-entries", 512, {
    summary: "Fields up to which a hash is kept as a listpack.",
    alias: "hash-max-ziplist-entries",
    ...count,
  }),
  integer("hash-max-listpack-value", 64, {
    summary: "Bytes of a field or value up to which a hash is kept as a listpack.",
    alias: "hash-max-ziplist-value",
    ...bytes,
  }),
  integer("list-max-listpack-size", -2, {
    summary: "Size of a node of a list: elements, or -1 to -5 for 4 to 64 KiB.",
    alias: "list-max-ziplist-size",
    min: intMin,
    max: intMax,
  }),
  integer("list-compress-depth", 0, {
    summary: "Nodes at each end of a list that are not compressed; 0 compresses none.",
    min: 0,
    max: intMax,
  }),
  integer("set-max-intset-entries", 512, {
    summary: "Members up to which a set of integers is kept as an intset.",
    ...count,
  }),
  integer("set-max-listpack-entries", 128, {
    summary: "Members up to which a set is kept as a listpack.",
    ...count,
  }),
  integer("set-max-listpack-value", 64, {
    summary: "Bytes of a member up to which a set is kept as a listpack.",
    ...count,
  }),
  integer("zset-max-listpack-entries", 128, {
    summary: "Members up to which a sorted set is kept as a listpack.",
    alias: "zset-max-ziplist-entries",
    ...count,
  }),
  integer("zset-max-listpack-value", 64, {
    summary: "Bytes of a member up to which a sorted set is kept as a listpack.",
    alias: "zset-max-ziplist-value",
    ...bytes,
  }),
  integer("hll-sparse-max-bytes", 3000, {
    summary: "Bytes up to which a HyperLogLog is kept sparse.",
    ...bytes,
  }),
  integer("stream-node-max-bytes", 4096, {
    summary: "Bytes that one node of a stream may take; 0 is no limit.",
    ...bytes,
  }),
  integer("stream-node-max-entries", 100, {
    summary: "Entries that one node of a stream may hold; 0 is no limit.",
    min: 0,
    max: longMax,
  }),
] as const;
