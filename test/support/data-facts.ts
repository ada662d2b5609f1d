// All that two servers must have in common when one is a copy of the other, read through their
// clients: the digest of all data, and what no digest covers: when keys and fields expire, what
// streams have besides entries, and the libraries of functions.
import assert from "node:assert/strict";
import type { Client } from "./client.ts";
import { encodeRequest } from "./client.ts";
import type { Reply } from "./reply.ts";
import { ReplyError } from "./reply.ts";

/** What says how a stream is stored, or when somebody came by: neither is propagated. */
const unpropagated = ["radix-tree-keys", "radix-tree-nodes", "seen-time", "active-time"];
/** What a version later than 7.0 says besides. */
const newerThan70 = /^(idmp|iids|pids)/;

export interface FactsOptions {
  /** One of the two is Redis 7.0. */
  readonly isOld?: boolean;
  /** Redis before 7.2 tells nobody how many entries a group has read. */
  readonly hasEntriesRead?: boolean;
}

export type Facts = Map<string, unknown>;

export async function readFacts(client: Client, options: FactsOptions = {}): Promise<Facts> {
  const facts: Facts = new Map();
  for (const database of await databasesOf(client)) {
    await client.run("SELECT", database);
    const keys = ((await client.run("KEYS", "*")) as string[]).sort();
    // A key that is over its time is counted until it is deleted, and so is a field.
    facts.set(`${database} hidden`, Number(await client.run("DBSIZE")) - keys.length);
    const types = await ask(client, keys, (key) => ["TYPE", key]);
    const times = await ask(client, keys, (key) => ["PEXPIRETIME", key]);
    const digests = await ask(client, keys, (key) => ["DEBUG", "DIGEST-VALUE", key]);
    for (const [index, key] of keys.entries()) {
      const name = `${database} ${key}`;
      const more = await furtherFacts(client, key, types[index], options);
      facts.set(name, [types[index], times[index], digests[index], ...more]);
    }
  }
  await client.run("SELECT", 0);
  facts.set("functions", await client.run("FUNCTION", "LIST", "WITHCODE"));
  facts.set("digest", await client.run("DEBUG", "DIGEST"));
  return facts;
}

async function furtherFacts(
  client: Client,
  key: string,
  type: Reply,
  { isOld = false, hasEntriesRead = true }: FactsOptions,
): Promise<unknown[]> {
  if (type === "stream") {
    const full = await client.run("XINFO", "STREAM", key, "FULL", "COUNT", 0);
    const left = hasEntriesRead ? unpropagated : [...unpropagated, "entries-read", "lag"];
    return [comparable(full, left)];
  }
  if (type !== "hash" || isOld) return [];
  const fields = ((await client.run("HKEYS", key)) as string[]).sort();
  if (fields.length === 0) return [];
  const hidden = Number(await client.run("HLEN", key)) - fields.length;
  const times = await client.run("HPEXPIRETIME", key, "FIELDS", fields.length, ...fields);
  return [fields, times, hidden];
}

async function databasesOf(client: Client): Promise<number[]> {
  const info = await client.text("INFO", "keyspace");
  return [...info.matchAll(/^db(\d+):/gm)].map((match) => Number(match[1]));
}

/** One request for each key, all at once. */
async function ask(
  client: Client,
  keys: readonly string[],
  make: (key: string) => string[],
): Promise<Reply[]> {
  if (keys.length === 0) return [];
  client.send(Buffer.concat(keys.map((key) => encodeRequest(make(key)))));
  return client.take(keys.length);
}

/** Names and values without those that are left out. */
function comparable(reply: Reply, left: readonly string[]): unknown {
  if (!Array.isArray(reply)) return reply;
  const isNamed = typeof reply[0] === "string" && /^[a-z]/.test(reply[0]);
  if (!isNamed) return reply.map((each) => comparable(each, left));
  return reply.flatMap((each, index) => {
    const name = index % 2 === 0 ? each : reply[index - 1];
    const isLeft = typeof name === "string" && (left.includes(name) || newerThan70.test(name));
    return isLeft ? [] : [comparable(each, left)];
  });
}

/** Fails with the first few that differ. */
export function assertSameFacts(actual: Facts, expected: Facts, note: string): void {
  const names = [...new Set([...expected.keys(), ...actual.keys()])];
  const different = names.filter(
    (name) => JSON.stringify(actual.get(name)) !== JSON.stringify(expected.get(name)),
  );
  for (const name of different) {
    const more = `${different.length} differ: ${different.slice(0, 9).join(", ")}`;
    assert.deepEqual(actual.get(name), expected.get(name), `${note}: ${name}; ${more}`);
  }
  assert.ok(!(actual.get("digest") instanceof ReplyError), "there is no DEBUG DIGEST");
}

/** Whether nothing is over its time or will be before then, in ms since 1970. */
export function areLasting(facts: Facts, endMs: number): boolean {
  return [...facts.values()].every((fact) => {
    if (typeof fact === "number") return fact === 0;
    if (!Array.isArray(fact)) return true;
    const [type, time, , , fieldTimes = [], hidden = 0] = fact as unknown[];
    const times = type === "hash" ? [time, ...(fieldTimes as unknown[])] : [time];
    return hidden === 0 && times.every((each) => !(Number(each) >= 0 && Number(each) < endMs));
  });
}
