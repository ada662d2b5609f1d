// What can happen to a key: the classes and names of Redis's keyspace notifications.
//
// Each operation of the keyspace names its event when it reports a change; notifications print the
// name, and the class decides who hears of it (`notify-keyspace-events`).
import { asciiBytes } from "../bytes/ascii.ts";

/** One bit a class, by the letter that `notify-keyspace-events` uses. */
export const eventClass = {
  generic: 1 << 2, // g
  string: 1 << 3, // $
  list: 1 << 4, // l
  set: 1 << 5, // s
  hash: 1 << 6, // h
  zset: 1 << 7, // z
  expired: 1 << 8, // x
  evicted: 1 << 9, // e
  stream: 1 << 10, // t
  miss: 1 << 11, // m
  module: 1 << 13, // d
  new: 1 << 14, // n
} as const;

export class KeyEvent {
  readonly class: number;
  readonly name: string;
  readonly bytes: Uint8Array;

  constructor(classBit: number, name: string) {
    this.class = classBit;
    this.name = name;
    this.bytes = asciiBytes(name);
  }
}

const {
  generic,
  string,
  list,
  expired,
  evicted,
  miss,
  set,
  hash,
  new: added,
  stream,
  zset,
} = eventClass;

export const keyEvents = {
  append: new KeyEvent(string, "append"),
  copyTo: new KeyEvent(generic, "copy_to"),
  del: new KeyEvent(generic, "del"),
  evicted: new KeyEvent(evicted, "evicted"),
  expire: new KeyEvent(generic, "expire"),
  expired: new KeyEvent(expired, "expired"),
  hdel: new KeyEvent(hash, "hdel"),
  hexpire: new KeyEvent(hash, "hexpire"),
  hexpired: new KeyEvent(hash, "hexpired"),
  hincrby: new KeyEvent(hash, "hincrby"),
  hincrbyfloat: new KeyEvent(hash, "hincrbyfloat"),
  hpersist: new KeyEvent(hash, "hpersist"),
  hset: new KeyEvent(hash, "hset"),
  incrby: new KeyEvent(string, "incrby"),
  incrbyfloat: new KeyEvent(string, "incrbyfloat"),
  keymiss: new KeyEvent(miss, "keymiss"),
  linsert: new KeyEvent(list, "linsert"),
  lpop: new KeyEvent(list, "lpop"),
  lpush: new KeyEvent(list, "lpush"),
  lrem: new KeyEvent(list, "lrem"),
  lset: new KeyEvent(list, "lset"),
  ltrim: new KeyEvent(list, "ltrim"),
  moveFrom: new KeyEvent(generic, "move_from"),
  moveTo: new KeyEvent(generic, "move_to"),
  new: new KeyEvent(added, "new"),
  /** PFCOUNT has written its estimate into the key: a change, of which nobody is notified. */
  pfcount: new KeyEvent(0, "pfcount"),
  persist: new KeyEvent(generic, "persist"),
  renameFrom: new KeyEvent(generic, "rename_from"),
  renameTo: new KeyEvent(generic, "rename_to"),
  restore: new KeyEvent(generic, "restore"),
  rpop: new KeyEvent(list, "rpop"),
  rpush: new KeyEvent(list, "rpush"),
  sadd: new KeyEvent(set, "sadd"),
  sdiffstore: new KeyEvent(set, "sdiffstore"),
  pfadd: new KeyEvent(string, "pfadd"),
  set: new KeyEvent(string, "set"),
  setbit: new KeyEvent(string, "setbit"),
  setrange: new KeyEvent(string, "setrange"),
  sinterstore: new KeyEvent(set, "sinterstore"),
  sortstore: new KeyEvent(list, "sortstore"),
  spop: new KeyEvent(set, "spop"),
  srem: new KeyEvent(set, "srem"),
  sunionstore: new KeyEvent(set, "sunionstore"),
  georadiusstore: new KeyEvent(zset, "georadiusstore"),
  geosearchstore: new KeyEvent(zset, "geosearchstore"),
  xadd: new KeyEvent(stream, "xadd"),
  xdel: new KeyEvent(stream, "xdel"),
  xgroupCreate: new KeyEvent(stream, "xgroup-create"),
  xgroupCreateconsumer: new KeyEvent(stream, "xgroup-createconsumer"),
  xgroupDelconsumer: new KeyEvent(stream, "xgroup-delconsumer"),
  xgroupDestroy: new KeyEvent(stream, "xgroup-destroy"),
  xgroupSetid: new KeyEvent(stream, "xgroup-setid"),
  xsetid: new KeyEvent(stream, "xsetid"),
  xtrim: new KeyEvent(stream, "xtrim"),
  zadd: new KeyEvent(zset, "zadd"),
  zdiffstore: new KeyEvent(zset, "zdiffstore"),
  zincr: new KeyEvent(zset, "zincr"),
  zinterstore: new KeyEvent(zset, "zinterstore"),
  zpopmax: new KeyEvent(zset, "zpopmax"),
  zpopmin: new KeyEvent(zset, "zpopmin"),
  zrangestore: new KeyEvent(zset, "zrangestore"),
  zrem: new KeyEvent(zset, "zrem"),
  zremrangebylex: new KeyEvent(zset, "zremrangebylex"),
  zremrangebyrank: new KeyEvent(zset, "zremrangebyrank"),
  zremrangebyscore: new KeyEvent(zset, "zremrangebyscore"),
  zunionstore: new KeyEvent(zset, "zunionstore"),
} as const;
