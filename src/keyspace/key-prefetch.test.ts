// That prefetching gives every key the hash of its own, also where it spares itself to hash it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../bytes/random.ts";
import type { Slices } from "../bytes/slices.ts";
import { slicesOf } from "../bytes/slices.ts";
import { viewed } from "../bytes/viewed.ts";
import { Keyspace } from "./keyspace.ts";

const keyspace = new Keyspace({ databases: 1, random: seededRandom(1) });
const [db] = keyspace.databases;

function request(...words: string[]): Slices {
  const args = slicesOf(words);
  viewed(args.bytes);
  return args;
}

function hashOfArgument(args: Slices, index: number): number {
  return keyspace.hash(args.bytes, args.offsets[index], args.lengths[index]);
}

describe("KeyPrefetch", () => {
  it("remembers the hash of each request's key, also of those that follow one another", () => {
    const names = ["queue", "queue", "quevf", "queue", "q", "q", "queue:2", "queue:2", "queue"];
    const requests = names.map((name) => request("LPUSH", name, "x"));
    keyspace.prefetch.begin();
    for (const each of requests) keyspace.prefetch.add(db, each, 1);
    keyspace.prefetch.endWithMembers(db);
    for (const each of requests) {
      assert.equal(each.hashedIndex, 1);
      assert.equal(each.hash, hashOfArgument(each, 1));
    }
  });

  it("takes several keys of one request", () => {
    for (const names of [
      ["a1", "a1", "b1"],
      ["a1", "b1", "a1"],
      ["a", "bb", "bb"],
    ]) {
      const args = request("MGET", ...names);
      keyspace.prefetch.keys(db, args, 1, 1);
      assert.equal(args.hash, hashOfArgument(args, args.hashedIndex));
    }
  });
});
