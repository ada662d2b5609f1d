// What several clients do together: transactions, watches, messages, waiting. The same steps run
// against real Redis and against us, and every client must read the same.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client } from "../support/client.ts";
import { RealRedis, reasonToSkip } from "../support/real-redis.ts";
import type { Reply } from "../support/reply.ts";
import { LocalServer } from "../support/server.ts";

/**
 * One step: `a: SET k v` sends a request from client a and reads a reply; `a: SUBSCRIBE x y <2`
 * reads two; `b< 1` only reads, what somebody else's step has sent.
 */
type Step = string;

async function play(port: number, steps: readonly Step[]): Promise<unknown[]> {
  const clients = new Map<string, Client>();
  const read: unknown[] = [];
  const clientOf = async (name: string): Promise<Client> => {
    const known = clients.get(name);
    if (known !== undefined) return known;
    const client = await Client.connect({ port });
    clients.set(name, client);
    return client;
  };
  const cleaner = await clientOf("cleaner");
  await cleaner.pipeline("FLUSHALL", "CONFIG SET notify-keyspace-events KEA");
  for (const step of steps) {
    const [, name, request, count] = /^(\w+)(?:: (.*?))?(?: ?< ?(\d+))?$/.exec(step) ?? [];
    const client = await clientOf(name);
    if (request !== undefined) {
      const isBlocking = count === "0";
      client.send(encode(request));
      // The next client's step must find this one waiting.
      if (isBlocking) await untilBlocked(cleaner);
    }
    const replies: Reply[] = await client.take(count === undefined ? 1 : Number(count));
    read.push([step, replies]);
  }
  for (const client of clients.values()) client.destroy();
  return read;
}

function encode(request: string): string {
  const words = request.split(" ");
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
}

async function untilBlocked(client: Client): Promise<void> {
  for (;;) {
    const info = (await client.run("INFO", "clients")) as string;
    if (!info.includes("blocked_clients:0\r\n")) return;
  }
}

/** Requests that change a key or what belongs to it: which of them break a WATCH? */
function watchScenarios(): Record<string, readonly Step[]> {
  const made = [
    "XADD s 1-1 a b",
    "XADD s 1-2 a b",
    "XADD s 1-3 a b",
    "XGROUP CREATE s g 0",
    "XREADGROUP GROUP g c COUNT 2 STREAMS s >",
    "PFADD counted a b c",
    "PFCOUNT counted",
    "PFADD fresh a",
  ];
  const requests = [
    "XGROUP CREATE s g2 0",
    "XGROUP CREATE s2 g2 0 MKSTREAM",
    "XGROUP SETID s g 1-1",
    "XGROUP CREATECONSUMER s g d",
    "XGROUP DELCONSUMER s g c",
    "XGROUP DESTROY s g",
    "XACK s g 1-1",
    "XCLAIM s g d 0 1-1",
    "XAUTOCLAIM s g d 0 0",
    "XREADGROUP GROUP g c STREAMS s >",
    "XSETID s 9-9",
    "XDEL s 1-1",
    "XDEL s 7-7",
    "XTRIM s MAXLEN 1",
    "PFCOUNT counted",
    "PFCOUNT fresh",
    "PFCOUNT counted fresh",
    "PFADD counted a",
    "PFADD counted z",
  ];
  const steps = (request: string): Step[] => [
    ...made.map((each) => `b: ${each}`),
    "a: WATCH s s2 counted fresh",
    `b: ${request}`,
    "a: MULTI",
    "a: DBSIZE",
    "a: EXEC",
  ];
  return Object.fromEntries(requests.map((each) => [`a WATCH and ${each}`, steps(each)]));
}

const scenarios: Readonly<Record<string, readonly Step[]>> = {
  "a transaction runs all that was queued": [
    "a: MULTI",
    "a: SET k 1",
    "a: INCR k",
    "a: LPUSH k x",
    "a: GET k",
    "a: EXEC",
    "a: GET k",
  ],
  "a request that is turned away spoils the transaction": [
    "a: MULTI",
    "a: SET k",
    "a: SET k 1",
    "a: EXEC",
    "a: GET k",
    "a: MULTI",
    "a: NOSUCHCOMMAND",
    "a: EXEC",
  ],
  "MULTI, EXEC, DISCARD and WATCH out of place": [
    "a: EXEC",
    "a: DISCARD",
    "a: MULTI",
    "a: MULTI",
    "a: WATCH k",
    "a: PING",
    "a: EXEC",
    "a: MULTI",
    "a: SET k 1",
    "a: DISCARD",
    "a: GET k",
  ],
  "a watched key that another client changes breaks the transaction": [
    "a: SET k 1",
    "a: WATCH k j",
    "b: INCR k",
    "a: MULTI",
    "a: SET k 9",
    "a: EXEC",
    "a: GET k",
    "a: MULTI",
    "a: SET k 9",
    "a: EXEC",
  ],
  "deleting and making anew, emptying and swapping databases break watches too": [
    "a: SET k 1",
    "a: WATCH k",
    "b: DEL k",
    "b: SET k 1",
    "a: MULTI",
    "a: PING",
    "a: EXEC",
    "a: WATCH k",
    "b: FLUSHALL",
    "a: MULTI",
    "a: PING",
    "a: EXEC",
    "a: WATCH nothing",
    "b: FLUSHALL",
    "a: MULTI",
    "a: PING",
    "a: EXEC",
    "b: SELECT 1",
    "b: SET k 1",
    "a: WATCH k",
    "b: SWAPDB 0 1",
    "a: MULTI",
    "a: PING",
    "a: EXEC",
  ],
  ...watchScenarios(),
  "UNWATCH, DISCARD and EXEC end the watching": [
    "a: SET k 1",
    "a: WATCH k",
    "a: UNWATCH",
    "b: INCR k",
    "a: MULTI",
    "a: PING",
    "a: EXEC",
    "a: WATCH k",
    "a: MULTI",
    "a: DISCARD",
    "b: INCR k",
    "a: MULTI",
    "a: PING",
    "a: EXEC",
  ],
  "blocking commands do not wait inside a transaction": [
    "a: MULTI",
    "a: BLPOP none 0",
    "a: BLMOVE none other LEFT RIGHT 0",
    "a: BZPOPMIN none 0",
    "a: BRPOPLPUSH none other 0",
    "a: BLMPOP 0 1 none LEFT",
    "a: EXEC",
  ],
  "messages reach channels and patterns": [
    "a: SUBSCRIBE news sport <2",
    "b: PSUBSCRIBE n* *t <2",
    "c: PUBLISH news hello",
    "a< 1",
    "b< 1",
    "c: PUBLISH nothing x",
    "b< 1",
    "c: PUBSUB CHANNELS n*",
    "c: PUBSUB NUMSUB news none",
    "c: PUBSUB NUMPAT",
    "a: UNSUBSCRIBE sport",
    "a: UNSUBSCRIBE",
    "a: UNSUBSCRIBE",
    "a: GET k",
    "b: PUNSUBSCRIBE n*",
    "b: PUNSUBSCRIBE",
    "b: PUNSUBSCRIBE none",
    "c: PUBLISH news again",
  ],
  "a subscriber may do little else in RESP2": [
    "a: SUBSCRIBE x",
    "a: GET k",
    "a: PING",
    "a: PING hello",
    "a: SUBSCRIBE",
    "a: SSUBSCRIBE s",
    "a: RESET",
    "a: GET k",
  ],
  "shard channels": [
    "a: SSUBSCRIBE s1 s2 <2",
    "b: SPUBLISH s1 hello",
    "a< 1",
    "b: PUBLISH s1 other",
    "b: PUBSUB SHARDNUMSUB s1 s3",
    "a: SUNSUBSCRIBE s2",
    "a: SUNSUBSCRIBE",
  ],
  "events of keys": [
    "a: PSUBSCRIBE __key*",
    "b: SET k v",
    "a< 2",
    "b: EXPIRE k 100",
    "a< 2",
    "b: RENAME k j",
    "a< 4",
    "b: DEL j",
    "a< 2",
    "b: LPUSH l x",
    "a< 2",
    "b: LPOP l",
    "a< 4",
  ],
  "who waits longest is served first": [
    "a: BLPOP l m 0 <0",
    "b: BRPOP l 0 <0",
    "c: RPUSH m first",
    "a< 1",
    "c: RPUSH l 1 2",
    "b< 1",
    "c: LRANGE l 0 -1",
  ],
  "a key that comes by renaming, copying or a transaction wakes who waits for it": [
    "a: BLPOP l 0 <0",
    "b: RPUSH x 1",
    "b: RENAME x l",
    "a< 1",
    "a: BLMOVE l target LEFT LEFT 0 <0",
    "b: RPUSH y 2",
    "b: COPY y l",
    "a< 1",
    "a: BZPOPMAX z 0 <0",
    "b: MULTI",
    "b: ZADD z 1 one",
    "b: ZADD z 2 two",
    "b: EXEC",
    "a< 1",
    "b: LRANGE target 0 -1",
  ],
  "one who waits is woken by the right type only": [
    "a: BLPOP l 0 <0",
    "b: SADD l x",
    "b: DEL l",
    "b: RPUSH l y",
    "a< 1",
  ],
  "waiting in vain": ["a: BLPOP l 0.01", "a: BZPOPMIN l 0.01", "a: BLMOVE a b LEFT LEFT 0.01"],
};

describe("clients together see what they see in Redis", { skip: reasonToSkip() }, () => {
  let real: RealRedis;
  let ours: LocalServer;
  before(async () => {
    [real, ours] = await Promise.all([RealRedis.start(), LocalServer.start()]);
  });
  after(async () => {
    await real.stop();
    await ours[Symbol.asyncDispose]();
  });

  for (const [name, steps] of Object.entries(scenarios)) {
    it(name, async () => {
      assert.deepEqual(await play(ours.port, steps), await play(real.port, steps));
    });
  }
});
