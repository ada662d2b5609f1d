// Examples of every command that writes, with every option, for tests of what is propagated.
//
// An example is a list of requests on data of its own, one a line, words parted by blanks. `{s+10}`
// and `{ms+10}` stand for a Unix time so long after now, in seconds and in milliseconds. `advance
// 10` lets so many milliseconds pass.

/** A list of three elements as Redis 7.0 dumps it. */
const dumpedList =
  "\x12\x01\x02\x10\x10\x00\x00\x00\x03\x00\x81a\x02\x81b\x02\x81c\x02\xff\n\x00" +
  "\xc8\x18\xb9\x0c\x953R\x9e";

/** The library `three` as Redis 7.0 dumps it. */
const dumpedLibrary =
  "\xf5@L#!lua\tname=three\nredis.register_function('three',function()return'three'end)" +
  "\n\x00\xca\xb4L2\xf4\xe5_S";

const stringExamples = [
  "APPEND k abc | APPEND k def",
  "INCR k | DECR k | INCRBY k 5 | DECRBY k 7",
  "INCRBYFLOAT k 1.5 | EXPIRE k 1000 | INCRBYFLOAT k 0.25",
  "MSET k 1 j 2 | MSETNX k 3 i 4 | MSETNX i 5 h 6",
  "SET k v | GETDEL k | GETDEL k",
  "SET k v | GETEX k | GETEX k EX 1000 | GETEX k PX 2000000 | GETEX k PERSIST | GETEX k PERSIST",
  "SET k v | GETEX k EXAT {s+1000} | GETEX k PXAT {ms+2000000} | GETEX k PXAT 1",
  "GETSET k v | GETSET k w",
  "SETEX k 1000 v | PSETEX k 2000000 w | SETNX k x | SETNX j y",
  "SETRANGE k 3 abc | SETRANGE k 0 x | SETRANGE k 0 y",
  "SET k v EX 1000 | SET k w KEEPTTL | SET k x GET | SET k y",
  "SET k v PX 1000000 NX | SET k v NX | SET k w XX EXAT {s+1000} GET | SET j v XX",
  "SET k v PXAT {ms+1000000} | SET k w GET KEEPTTL XX",
  "SETBIT b 7 1 | SETBIT b 7 0 | SETBIT b 100 1",
  "BITFIELD b SET u8 0 255 | BITFIELD b GET u8 0 | BITFIELD b OVERFLOW SAT INCRBY u8 0 10",
  "BITFIELD b OVERFLOW FAIL INCRBY u2 0 9 OVERFLOW WRAP INCRBY u2 4 3",
  "MSET a abc b aXc | BITOP AND d a b | BITOP OR d a b | BITOP XOR d a b | BITOP NOT d a",
  "MSET a abc b aXc | BITOP DIFF d a b | BITOP DIFF1 d a b | BITOP ANDOR d a b | BITOP ONE d a b",
  "SET d x | BITOP AND d none",
  "PFADD p a b c | PFADD p a | PFADD q | PFCOUNT p | PFCOUNT p | PFCOUNT p q",
  "PFADD p a b c | PFADD q d | PFMERGE m p q | PFMERGE m | PFDEBUG TODENSE p | PFDEBUG GETREG q",
] as const;

const collectionExamples = [
  "SADD s a b c | SADD s a | SREM s b x | SMOVE s t a | SMOVE s t nothing | SREM s c",
  "SADD s a b c | SADD t b c d | SDIFFSTORE u s t | SINTERSTORE u s t | SUNIONSTORE u s t",
  "SADD s a | SET u x | SINTERSTORE u s none | SINTERSTORE u s none",
  "SADD s a | SPOP s | SPOP s",
  "SADD s a b c | SPOP s 3 | SADD s a b c 1 2 3 | SPOP s | SPOP s 2 | SPOP s 0 | SPOP s 9",
  "HSET h a 1 b 2 | HMSET h a 3 | HSETNX h a 4 | HSETNX h c 5 | HDEL h a x | HDEL h b c",
  "HINCRBY h n 5 | HINCRBY h n -7 | HINCRBYFLOAT h f 1.5 | HINCRBYFLOAT h f 0.25",
  "HINCRBYFLOAT h f 1 | HEXPIRE h 1000 FIELDS 1 f | HINCRBYFLOAT h f 1 | HINCRBY h f 1",
  "HSET h a 1 b 2 | HEXPIRE h 1000 FIELDS 2 a x | HEXPIRE h 2000 NX FIELDS 2 a b",
  "HSET h a 1 b 2 | HPEXPIRE h 1000000 FIELDS 1 a | HPEXPIRE h 2000000 XX FIELDS 2 a b",
  "HSET h a 1 b 2 | HEXPIREAT h {s+1000} FIELDS 1 a | HEXPIREAT h {s+2000} GT FIELDS 2 a b",
  "HSET h a 1 b 2 | HPEXPIREAT h {ms+1000000} FIELDS 1 a | HPEXPIREAT h 5 LT FIELDS 2 a b",
  "HSET h a 1 b 2 | HEXPIRE h 9 GT FIELDS 1 a | HEXPIRE h 9 LT FIELDS 1 a | HEXPIRE h 0 FIELDS 1 b",
  "HSET h a 1 | HPEXPIRE h 9000000 NX FIELDS 1 a | HPEXPIRE h 8000000 GT FIELDS 1 a",
  "HSET h a 1 | HPEXPIRE h 7000000 LT FIELDS 1 a | HEXPIRE h 1000 XX FIELDS 1 a",
  "HSET h a 1 | HEXPIREAT h {s+1000} NX FIELDS 1 a | HEXPIREAT h {s+900} XX FIELDS 1 a",
  "HSET h a 1 | HEXPIREAT h {s+800} LT FIELDS 1 a | HPEXPIREAT h {ms+9000} NX FIELDS 1 a",
  "HSET h a 1 | HPEXPIREAT h {ms+9000} XX FIELDS 1 a | HPEXPIREAT h {ms+9000} GT FIELDS 1 a",
  "HSET h a 1 b 2 | HEXPIRE h 1000 FIELDS 1 a | HPERSIST h FIELDS 3 a b x | HPERSIST h FIELDS 1 a",
  "HSET h a 1 b 2 | HGETEX h EX 1000 FIELDS 2 a x | HGETEX h PERSIST FIELDS 2 a b",
  "HSET h a 1 b 2 | HGETEX h PX 1000000 FIELDS 1 a | HGETEX h EXAT {s+1000} FIELDS 1 a",
  "HSET h a 1 b 2 | HGETEX h PXAT {ms+1000000} FIELDS 1 a | HGETEX h PXAT 5 FIELDS 1 a",
  "HSET h a 1 b 2 | HGETDEL h FIELDS 2 a x | HGETDEL h FIELDS 1 b | HGETDEL h FIELDS 1 b",
  "HSETEX h EX 1000 FIELDS 1 a 1 | HSETEX h FNX PX 9000000 FIELDS 2 b 1 c 2",
  "HSETEX h EXAT {s+1000} FIELDS 1 a 1 | HSETEX h FXX KEEPTTL FIELDS 1 a 2",
  "HSETEX h PXAT {ms+1000000} FIELDS 1 a 1 | HSETEX h FIELDS 1 a 2 | HSETEX h FXX FIELDS 1 x 1",
  "HSET h a 1 b 2 | HSETEX h PXAT 5 FIELDS 1 a 2 | HSETEX h PXAT 5 FIELDS 1 b 2",
  "RPUSH l a b c | LPUSH l x | LPUSHX l y | RPUSHX l z | LPUSHX none y | RPUSHX none z",
  "RPUSH l a b c | LPOP l | RPOP l | LPOP l 2 | LPOP l | RPUSH l a b | RPOP l 9",
  "RPUSH l a b c a | LINSERT l BEFORE b x | LINSERT l AFTER b y | LSET l 0 z | LREM l -1 a",
  "RPUSH l a b c d | LTRIM l 1 2 | LTRIM l 5 9",
  "RPUSH l a b c | LMOVE l m LEFT RIGHT | LMOVE l m RIGHT LEFT | RPOPLPUSH l m | RPOPLPUSH l m",
  "RPUSH l a b c | LMPOP 2 n l LEFT COUNT 2 | LMPOP 1 l RIGHT | LMPOP 1 l RIGHT",
  "RPUSH l a b c | BLMPOP 0 2 n l LEFT COUNT 9 | RPUSH l a b | BLMPOP 0 1 l RIGHT",
  "RPUSH l a b c | BLPOP n l 0 | BRPOP n l 0",
  "RPUSH l a b c | BLMOVE l m LEFT RIGHT 0 | BLMOVE l m RIGHT LEFT 0 | BRPOPLPUSH l m 0",
  "ZADD z 1 a 2 b | ZADD z NX 5 a 3 c | ZADD z XX CH 4 a 9 x | ZADD z GT 9 a 1 b | ZADD z LT 1 a",
  "ZADD z 1 a | ZADD z INCR 1.5 a | ZADD z CH 2.5 a | ZINCRBY z 0.1 a | ZINCRBY z inf a",
  "ZADD z 1 a 2 b | ZADD y 3 b | ZUNIONSTORE u 2 z y WEIGHTS 1 2 AGGREGATE MAX",
  "ZADD z 1 a 2 b | ZADD y 3 b | ZINTERSTORE u 2 z y AGGREGATE MIN | ZDIFFSTORE u 2 z y",
  "ZADD z 1 a 2 b | ZADD y 3 b | ZINTERSTORE u 2 z y WEIGHTS 2 3 AGGREGATE SUM",
  "ZADD z 1 a 2 b | ZUNIONSTORE u 1 z AGGREGATE MIN | ZUNIONSTORE u 1 z AGGREGATE SUM",
  "ZADD z 1 a 2 b | ZINTERSTORE u 1 z AGGREGATE MAX",
  "ZADD z 1 a 2 b 3 c | ZRANGESTORE u z 1 3 BYSCORE LIMIT 1 1 | ZRANGESTORE u z 0 0 REV",
  "ZADD z 0 a 0 b 0 c | ZRANGESTORE u z [a (c BYLEX | ZRANGESTORE u none 0 -1",
  "ZADD z 1 a 2 b 3 c | ZREM z a x | ZREMRANGEBYRANK z 0 0 | ZREMRANGEBYSCORE z 3 3",
  "ZADD z 0 a 0 b 0 c | ZREMRANGEBYLEX z [a (c | ZREMRANGEBYLEX z - +",
  "ZADD z 1 a 2 b 3 c | ZPOPMIN z | ZPOPMAX z 9 | ZPOPMIN z",
  "ZADD z 1 a 2 b 3 c | ZMPOP 2 n z MIN COUNT 2 | ZMPOP 1 z MAX | ZMPOP 1 z MAX",
  "ZADD z 1 a 2 b 3 c | BZMPOP 0 2 n z MIN COUNT 2 | BZMPOP 0 1 z MAX",
  "ZADD z 1 a 2 b 3 c | BZPOPMIN n z 0 | BZPOPMAX n z 0",
  "GEOADD g 13.361389 38.115556 a 15.087269 37.502669 b | GEOADD g NX 1 1 a 2 2 c",
  "GEOADD g 13 38 a | GEOADD g XX CH 14 39 a | GEOADD g XX 1 1 x",
  "GEOADD g 13 38 a 15 37 b | GEORADIUS g 15 37 200 km WITHCOORD WITHDIST WITHHASH COUNT 9 ANY",
  "GEOADD g 13 38 a 15 37 b | GEORADIUS g 15 37 400 km ASC STORE u",
  "GEOADD g 13 38 a 15 37 b | GEORADIUS g 15 37 400 km DESC COUNT 1 STOREDIST u",
  "GEOADD g 13 38 a 15 37 b | GEORADIUSBYMEMBER g a 400 km ASC STORE u",
  "GEOADD g 13 38 a 15 37 b | GEORADIUSBYMEMBER g a 400 km DESC COUNT 1 ANY STOREDIST u",
  "GEOADD g 13 38 a 15 37 b | GEORADIUSBYMEMBER g a 400 km WITHCOORD WITHDIST WITHHASH",
  "GEOADD g 13 38 a 15 37 b | GEOSEARCHSTORE u g FROMMEMBER a BYRADIUS 400 km ASC COUNT 1 ANY",
  "GEOADD g 13 38 a | GEOSEARCHSTORE u g FROMLONLAT 13 38 BYBOX 4 4 km DESC STOREDIST",
] as const;

const streamStart = "XADD x 1-1 f v | XADD x 2-1 f v | XADD x 3-1 f v | XGROUP CREATE x g 0";

const streamExamples = [
  `XADD x * f v | XADD x * f w | XADD x {ms+5000}-* f v | XADD x {ms+9000} f v
   | XADD n NOMKSTREAM * f v`,
  "XADD x 1-1 f v | XADD x 2 f v g w | XADD x MAXLEN 1 3-* f v | XADD x MAXLEN = 1 * f v",
  "XADD x 1-1 f v | XADD x MAXLEN ~ 1 LIMIT 10 2-1 f v | XADD x MINID ~ 2 * f v",
  "XADD x 1-1 f v | XADD x MINID = 2 5-1 f v | XADD x KEEPREF 6-1 f v",
  "XADD x 1-1 f v | XADD x DELREF MAXLEN 1 6-1 f v | XADD x ACKED MAXLEN 1 7-1 f v",
  "XADD x 1-1 f v | XADD x 2-1 f v | XTRIM x MAXLEN 1 | XTRIM x MINID = 9 | XTRIM x MAXLEN ~ 0",
  "XADD x 1-1 f v | XTRIM x MAXLEN ~ 0 LIMIT 0 | XADD x 2-1 f v | XTRIM x MINID ~ 5 LIMIT 1000",
  "XADD x 1-1 f v | XTRIM x MAXLEN = 0 KEEPREF | XADD x 2-1 f v | XTRIM x MAXLEN 0 DELREF",
  "XADD x 1-1 f v | XTRIM x MAXLEN 0 ACKED | XDEL x 1-1 | XDEL x 1-1",
  "XADD x 1-1 f v | XSETID x 5-5 | XSETID x 6-6 ENTRIESADDED 9 MAXDELETEDID 3-3",
  "XGROUP CREATE x g $ MKSTREAM | XGROUP CREATE x h 5 ENTRIESREAD 3 | XGROUP DESTROY x h",
  `${streamStart} | XGROUP CREATECONSUMER x g c | XGROUP CREATECONSUMER x g c`,
  `${streamStart} | XGROUP SETID x g 2-1 ENTRIESREAD 2 | XGROUP SETID x g $`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XACK x g 1-1 9-9 | XGROUP DELCONSUMER x g c`,
  `${streamStart} | XREADGROUP GROUP g c COUNT 1 BLOCK 0 STREAMS x > | XGROUP SETID x g 0`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XGROUP SETID x g 0
   | XREADGROUP GROUP g d STREAMS x >`,
  `${streamStart} | XREADGROUP GROUP g c NOACK STREAMS x > | XREADGROUP GROUP g d STREAMS x >`,
  `${streamStart} | XGROUP CREATE y g 0 MKSTREAM | XREADGROUP GROUP g c STREAMS x y > >`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XCLAIM x g d 0 1-1 2-1 | advance 20
   | XCLAIM x g c 10 1-1 IDLE 5000 | XCLAIM x g c 0 2-1 TIME {ms-7000} RETRYCOUNT 7 JUSTID`,
  `${streamStart} | XCLAIM x g c 0 1-1 FORCE | XCLAIM x g c 0 9-9 FORCE | XCLAIM x g c 0 2-1`,
  `${streamStart} | XCLAIM x g c 0 3-1 LASTID 2-1 | XCLAIM x g c 0 3-1 FORCE LASTID 3-1`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XDEL x 1-1 | XCLAIM x g d 0 1-1 2-1`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XAUTOCLAIM x g d 0 0 COUNT 1
   | XAUTOCLAIM x g c 0 2-1 JUSTID | XDEL x 2-1 | XAUTOCLAIM x g e 0 - | XAUTOCLAIM x g f 99999 -`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XDELEX x IDS 1 1-1
   | XDELEX x ACKED IDS 1 2-1 | XDELEX x DELREF IDS 2 2-1 9-9 | XDELEX x KEEPREF IDS 1 3-1`,
  `${streamStart} | XREADGROUP GROUP g c STREAMS x > | XACKDEL x g IDS 1 1-1
   | XACKDEL x g KEEPREF IDS 1 2-1 | XACKDEL x g DELREF IDS 2 3-1 9-9`,
  `${streamStart} | XGROUP CREATE x h 0 | XREADGROUP GROUP g c STREAMS x >
   | XREADGROUP GROUP h c STREAMS x > | XACKDEL x g ACKED IDS 1 1-1 | XACKDEL x h ACKED IDS 1 1-1`,
] as const;

const keyExamples = [
  "SET k v | COPY k j | COPY k j | COPY k j REPLACE | COPY k j DB 3 | RENAME k i | RENAMENX i j",
  "SET k v EX 1000 | RENAME k i | RENAMENX i k | MOVE k 5 | DEL k",
  "MSET a 1 b 2 c 3 | DEL a x | UNLINK b x | DEL x",
  "SET k v | EXPIRE k 1000 | EXPIRE k 2000 NX | EXPIRE k 2000 XX | EXPIRE k 1 GT | EXPIRE k 500 LT",
  "SET k v | PEXPIRE k 9000000 NX | PEXPIRE k 8000000 XX | PEXPIRE k 9900000 GT | PERSIST k",
  "SET k v | PEXPIRE k 9000000 | PEXPIRE k 8000000 LT | PERSIST k | PERSIST k | EXPIRE k 0",
  "SET k v | EXPIREAT k {s+1000} NX | EXPIREAT k {s+2000} XX | EXPIREAT k {s+3000} GT",
  "SET k v | EXPIREAT k {s+1000} | EXPIREAT k {s+500} LT | EXPIREAT k 1",
  "SET k v | PEXPIREAT k {ms+1000000} NX | PEXPIREAT k {ms+2000000} XX | PEXPIREAT k 1",
  "SET k v | PEXPIREAT k {ms+1000000} LT | PEXPIREAT k {ms+2000000} GT",
  `RESTORE r 0 ${dumpedList} | RESTORE r 1000000 ${dumpedList} REPLACE | RPUSH r x`,
  `RESTORE r {ms+1000000} ${dumpedList} ABSTTL IDLETIME 5
   | RESTORE r 1 ${dumpedList} ABSTTL REPLACE`,
  `RESTORE r 1000000 ${dumpedList} FREQ 5 | RESTORE q 1 ${dumpedList} ABSTTL`,
  "RPUSH l 3 1 2 | MSET w1 9 w2 8 w3 7 | SORT l | SORT l DESC LIMIT 0 2 STORE u",
  "RPUSH l 3 1 2 | MSET w1 9 w2 8 w3 7 | SORT l BY w* GET w* GET # ALPHA ASC STORE u",
  "RPUSH l 3 | SORT none STORE l",
  "SET k v | SWAPDB 0 1 | SWAPDB 0 1 | SELECT 4 | SET k w | FLUSHDB | SET k x | FLUSHDB ASYNC",
  "SET k v | FLUSHALL | FLUSHALL SYNC | FLUSHALL ASYNC | FLUSHDB SYNC",
] as const;

const functionExamples = [
  `FUNCTION LOAD ${libraryOf("one")} | FUNCTION LOAD REPLACE ${libraryOf("one")}
   | FUNCTION LOAD ${libraryOf("two")} | FUNCTION DELETE one | FUNCTION DELETE one`,
  `FUNCTION LOAD ${libraryOf("one")} | FUNCTION FLUSH | FUNCTION FLUSH SYNC | FUNCTION FLUSH ASYNC`,
  `FUNCTION RESTORE ${dumpedLibrary} | FUNCTION RESTORE ${dumpedLibrary} APPEND
   | FUNCTION RESTORE ${dumpedLibrary} REPLACE | FUNCTION LOAD ${libraryOf("one")}
   | FUNCTION RESTORE ${dumpedLibrary} FLUSH`,
  `MULTI | FUNCTION LOAD REPLACE ${libraryOf("one")} | SET k v | FUNCTION DELETE one | EXEC`,
] as const;

const unitExamples = [
  "MULTI | SET k v | SELECT 3 | INCR n | GET n | SPOP none | EXEC",
  "MULTI | SET k v EX 1000 | DEL none | EXEC",
  "MULTI | BLPOP l 0 | XREADGROUP GROUP g c STREAMS x > | SET k v | LPUSH k v | EXEC",
  "MULTI | GET k | EXEC",
  "SET k v PX 50 | advance 60 | GET k | SET k w PX 50 | advance 60 | INCR k",
  "SADD s a | PEXPIRE s 50 | advance 60 | SADD s b | PEXPIRE s 50 | advance 60 | SPOP s 3",
  "HSET h a 1 b 2 | HPEXPIRE h 50 FIELDS 1 a | advance 60 | HGET h a | HINCRBYFLOAT h a 1",
  "HSET h a 1 | HPEXPIRE h 50 FIELDS 1 a | advance 60 | HSETEX h FNX EX 1000 FIELDS 1 a 2",
  "HSET h a 1 b 2 | HPEXPIRE h 50 FIELDS 2 a b | advance 60 | HGETDEL h FIELDS 2 a b",
  "HSET h a 1 b 2 | HPEXPIRE h 50 FIELDS 1 a | advance 60 | HGETEX h PERSIST FIELDS 2 a b",
  "HSET h a 1 b 2 | HPEXPIRE h 50 FIELDS 1 a | advance 60 | HPEXPIRE h 9000 FIELDS 2 a b",
  "RPUSH l a | PEXPIRE l 50 | advance 60 | RPOPLPUSH l m | RPUSH l b | RPOPLPUSH l m",
  "MSET a 1 b 2 | PEXPIRE a 50 | PEXPIRE b 50 | advance 60 | MGET a b",
  "MSET a 1 b 2 | PEXPIRE a 50 | PEXPIRE b 50 | advance 60 | RANDOMKEY | SCAN 0",
  "SET k v PX 50 | advance 60 | RENAME k j | COPY k j | EXISTS k",
  "SET k v PX 50 | SADD s a | advance 60 | SUNIONSTORE k k s",
] as const;

/** Requests that Redis 7.0 does not know. */
const newerThan70: readonly RegExp[] = [
  /^H(P?EXPIRE(AT)?|PERSIST|GETEX|SETEX|GETDEL) /,
  /^(XDELEX|XACKDEL) /,
  /^(XADD|XTRIM) .*(KEEPREF|DELREF|ACKED)/,
  /^BITOP (DIFF|ANDOR|ONE)/,
];

/** All examples, each a list of requests. */
export const writeExamples: readonly (readonly string[])[] = [
  ...stringExamples,
  ...collectionExamples,
  ...streamExamples,
  ...keyExamples,
  ...functionExamples,
  ...unitExamples,
].map((example) => example.split("|").map((request) => request.trim()));

/** A library of one function, which are both called so; without blanks. */
export function libraryOf(name: string): string {
  return `#!lua\tname=${name}\nredis.register_function('${name}',function()return'${name}'end)`;
}

/** The words of an example's request. */
export function exampleWords(request: string, nowMs: number): string[] {
  return request.split(" ").map((word) => {
    const time = /^\{(s|ms)([+-]\d+)\}(.*)$/s.exec(word);
    if (time === null) return word;
    const [, unit, offset, rest] = time;
    const now = unit === "ms" ? nowMs : Math.floor(nowMs / 1000);
    return `${now + Number(offset)}${rest}`;
  });
}

/** Whether Redis 7.0 does not know this request of an example. */
export function isNewerThan70(request: string): boolean {
  return newerThan70.some((each) => each.test(request));
}
