// A load of writes of every kind on a bounded set of keys, drawn from a seed: for tests of what
// another server ends up with. Each type has keys of its own, so that nearly every request changes
// something; whatever grows is also cut back.
//
// A template is a unit: one request, or several parted by `|`; words are parted by blanks. `{x}` is
// drawn anew each time: see `words`.
import { RequestGenerator } from "./request-generator.ts";

const keysPerType = 120;
const membersPerKey = 300;
const placesPerAxis = 6;
const shortMsMax = 400;
const hourMs = 3_600_000;
const groups = ["g1", "g2"] as const;
const consumers = ["c1", "c2", "c3"] as const;

const library =
  "#!lua name=mix\n" +
  "redis.register_function('mix_push', function(keys, args)\n" +
  "  redis.call('RPUSH', keys[1], args[1], redis.call('TIME')[1])\n" +
  "  return redis.call('LTRIM', keys[1], -50, -1)\n" +
  "end)";

/** Those whose effect depends on the time and on chance are replicated by what they did. */
const scripts: Readonly<Record<string, string>> = {
  count: "redis.call('INCRBY', KEYS[1], ARGV[1]); return redis.call('EXPIRE', KEYS[1], 9000)",
  chance:
    "for i = 1, 3 do redis.call('SADD', KEYS[1], math.random(1000)) end; " +
    "return redis.call('SPOP', KEYS[1])",
  clock: "return redis.call('HSET', KEYS[1], 'at', redis.call('TIME')[2])",
};

const stringTemplates = [
  "SET {s} {v}",
  "SET {s} {v}",
  "SET {s} {v} PX {short}",
  "SET {s} {v} EX {long}",
  "SET {s} {v} KEEPTTL",
  "GETEX {s} PX {short}",
  "GETSET {s} {v}",
  "GETDEL {s}",
  "APPEND {s} {v} | SETRANGE {s} {small} {v}",
  "MSET {s} {v} {s} {v} {s} {v}",
  "INCR {i}",
  "INCRBY {i} {n}",
  "INCRBYFLOAT {f} {score}",
  "SETBIT {b} {n} 1",
  "BITFIELD {b} SET u8 {small} {small} OVERFLOW SAT INCRBY i5 {small} {small}",
  "BITOP XOR {b} {b} {b}",
  "PFADD {p} {v} {v} {v}",
  "PFMERGE {p} {p} {p}",
  "PFCOUNT {p}",
] as const;

const collectionTemplates = [
  "RPUSH {l} {v} {v}",
  "LPUSH {l} {v}",
  "LPOP {l}",
  "RPOP {l} {small}",
  "LMOVE {l} {l} LEFT RIGHT",
  "LINSERT {l} BEFORE {v} {v}",
  "LSET {l} 0 {v}",
  "LTRIM {l} -60 -1",
  "SORT {numbers} DESC STORE {l}",
  "RPUSH {numbers} {n} {n} | LTRIM {numbers} -40 -1",
  "SADD {t} {m} {m} {m}",
  "SREM {t} {m}",
  "SPOP {t}",
  "SPOP {t} {small}",
  "SMOVE {t} {t} {m}",
  "SUNIONSTORE {t} {t} {t}",
  "SINTERSTORE {t} {t} {t}",
  "HSET {h} {m} {v} {m} {v}",
  "HINCRBY {hi} {m} {n}",
  "HINCRBYFLOAT {hf} {m} {score}",
  "HDEL {h} {m} {m}",
  "ZADD {z} {score} {m} {score} {m}",
  "ZADD {z} GT CH {score} {m}",
  "ZINCRBY {z} {score} {m}",
  "ZREM {z} {m}",
  "ZPOPMIN {z}",
  "ZREMRANGEBYRANK {z} 0 {small}",
  "ZRANGESTORE {z} {z} 0 {n}",
  "ZUNIONSTORE {z} 2 {z} {z} WEIGHTS 1 0.5 AGGREGATE MAX",
  "GEOADD {geo} {degrees} {degrees} {m}",
  "GEOADD {geo} {degrees} {degrees} {m} {degrees} {degrees} {m} {degrees} {degrees} {m}",
  "GEOSEARCHSTORE {geo} {geo} FROMLONLAT 10 10 BYRADIUS 1000 km ASC COUNT 20",
  "GEOSEARCHSTORE {geo} {geo} FROMLONLAT 2 3 BYBOX 4000 4000 km COUNT 60 DESC",
] as const;

const streamTemplates = [
  "XADD {x} * f {v}",
  "XADD {x} MAXLEN ~ 150 * f {v} g {v}",
  "XADD {x} MAXLEN 100 * f {v}",
  "XTRIM {x} MAXLEN ~ 50",
  "XGROUP CREATE {x} {g} $ MKSTREAM",
  "XGROUP CREATE {x} {g} 0 MKSTREAM",
  "XGROUP CREATE {x} {g} 0 MKSTREAM",
  "XREADGROUP GROUP {g} {c} COUNT {small} STREAMS {x} >",
  "XREADGROUP GROUP {g} {c} COUNT {small} STREAMS {x} >",
  "XREADGROUP GROUP {g} {c} COUNT 2 NOACK STREAMS {x} >",
  "XAUTOCLAIM {x} {g} {c} 0 - COUNT 3",
  "XACK {x} {g} {ago}-0",
  "XGROUP SETID {x} {g} $",
  "XGROUP DELCONSUMER {x} {g} {c}",
  "XGROUP DESTROY {x} {g}",
] as const;

const otherTemplates = [
  "DEL {s} {l}",
  "UNLINK {t} {z}",
  "DEL {x}",
  "EXPIRE {any} {long}",
  "PEXPIRE {any} {short}",
  "PEXPIREAT {any} {later}",
  "PERSIST {any}",
  "RENAME {s} {s}",
  "COPY {h} {h} REPLACE",
  "COPY {z} {z} DB 2 REPLACE",
  "MOVE {t} 2",
  "SELECT 2 | FLUSHDB | SET {s} {v} | SELECT 0",
  "SELECT 1 | RPUSH {l} {v} | LTRIM {l} -9 -1 | SELECT 0",
  "SWAPDB 1 2",
  "MULTI | INCR twin:a | INCR twin:b | EXEC",
  "MULTI | SET {s} {v} PX {short} | SPOP {t} | SELECT 1 | INCR {i} | EXEC | SELECT 0",
  "MULTI | XADD {x} * f {v} | ZADD {z} {score} {m} | DEL {l} | EXEC",
  "EVAL {script:count} 1 {i} {small}",
  "EVAL {script:chance} 1 {t}",
  "EVAL {script:clock} 1 {h}",
  "FCALL mix_push 1 {l} {v}",
  "FUNCTION LOAD REPLACE {library}",
] as const;

/** What Redis 7.0 does not know. */
const newTemplates = [
  "HEXPIRE {h} {long} FIELDS 2 {m} {m}",
  "HPEXPIRE {h} {short} FIELDS 2 {m} {m}",
  "HPEXPIREAT {h} {later} NX FIELDS 1 {m}",
  "HPERSIST {h} FIELDS 1 {m}",
  "HGETEX {h} PX {short} FIELDS 1 {m}",
  "HGETDEL {h} FIELDS 1 {m}",
  "HSETEX {h} PX {short} FIELDS 1 {m} {v}",
  "HSETEX {h} FNX EX {long} FIELDS 1 {m} {v}",
  "XACKDEL {x} {g} DELREF IDS 1 {ago}-0",
  "BITOP DIFF {b} {b} {b}",
] as const;

export const oldTemplates: readonly string[] = [
  ...stringTemplates,
  ...collectionTemplates,
  ...streamTemplates,
  ...otherTemplates,
];

export class WriteMix {
  readonly #from: RequestGenerator;
  readonly #templates: readonly string[];

  /** `knows`: of which version those are who must understand it. */
  constructor(seed: number, knows: "7.0" | "all") {
    this.#from = new RequestGenerator(seed);
    this.#templates = knows === "7.0" ? oldTemplates : [...oldTemplates, ...newTemplates];
  }

  /** Requests that belong together. */
  next(): string[][] {
    const template = this.#from.pick(this.#templates);
    return template.split(" | ").map((each) => each.split(" ").map((word) => this.#word(word)));
  }

  #word(word: string): string {
    return word.replace(/\{(\w+)(?::(\w+))?\}/, (_, kind: string, name: string | undefined) =>
      name === undefined ? this.#drawn(kind) : scripts[name],
    );
  }

  #drawn(kind: string): string {
    const from = this.#from;
    const { random } = from;
    switch (kind) {
      case "v":
        return from.value();
      case "m":
        return `m${random.below(membersPerKey)}`;
      case "n":
        return String(random.below(500));
      case "small":
        return String(1 + random.below(9));
      case "score":
        return String((random.below(2000) - 1000) / 8);
      case "degrees":
        // Of few places, so that COUNT has to choose among those that are equally far; but none is
        // another's mirror image, whose distance differs by rounding alone.
        return ((random.below(placesPerAxis) * 61.803) % 16).toFixed(3);
      case "short":
        return String(1 + random.below(shortMsMax));
      case "long":
        return String(10_000 + random.below(10_000));
      case "later":
        return String(Date.now() + 3 * hourMs + random.below(hourMs));
      case "ago":
        return String(Date.now() - random.below(50));
      case "g":
        return from.pick(groups);
      case "c":
        return from.pick(consumers);
      case "library":
        return library;
      case "any":
        return `${from.pick(["s", "l", "t", "h", "z"])}:${random.below(keysPerType)}`;
      default:
        return `${kind}:${random.below(keysPerType)}`;
    }
  }
}

/** Requests that a mix must find done. */
export const mixPreparation: readonly (readonly string[])[] = [
  ["FUNCTION", "LOAD", "REPLACE", library],
];

/** Times to live of the mix are below this, or above an hour. */
export const shortLivesMs = hourMs;
