// The numbers of Redis's RDB format, which DUMP payloads share: types of values, opcodes, lengths,
// versions (Redis's src/rdb.h).
//
//   length   00xxxxxx                 6 bits
//            01xxxxxx xxxxxxxx        14 bits
//            10000000                 32 bits, big-endian
//            10000001                 64 bits, big-endian
//            11xxxxxx                 not a length: how the string that follows is encoded
//   string   a length and as many bytes, or one of `stringEncoding`

export const lengthTag = {
  bits6: 0,
  bits14: 0x40,
  bits32: 0x80,
  bits64: 0x81,
  encoded: 0xc0,
} as const;

/** The low six bits of a tag of `lengthTag.encoded`. */
export const stringEncoding = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** How a value is encoded: the byte before it. */
export const rdbType = {
  string: 0,
  list: 1,
  set: 2,
  zset: 3,
  hash: 4,
  zset2: 5,
  module: 6,
  module2: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  listQuicklist: 14,
  streamListpacks: 15,
  hashListpack: 16,
  zsetListpack: 17,
  listQuicklist2: 18,
  streamListpacks2: 19,
  setListpack: 20,
  streamListpacks3: 21,
  hashMetadataEarly: 22,
  hashListpackExEarly: 23,
  hashMetadata: 24,
  hashListpackEx: 25,
} as const;

/** What stands between the values of a snapshot instead of a type. */
export const opcode = {
  slot: 244,
  function: 245,
  earlyFunction: 246,
  moduleAuxiliary: 247,
  idle: 248,
  frequency: 249,
  auxiliary: 250,
  resize: 251,
  expiryMs: 252,
  expirySeconds: 253,
  database: 254,
  end: 255,
} as const;

/** What stands before each part of what a module has written, and behind the last. */
export const moduleOpcode = {
  end: 0,
  signed: 1,
  unsigned: 2,
  float: 3,
  double: 4,
  string: 5,
} as const;

/** Kinds of nodes of a quicklist. */
export const quicklistContainer = { plain: 1, packed: 2 } as const;

/** The version that Redis 7.0 writes: nothing that it cannot load is written where it will do. */
export const versionMin = 10;
/** The newest that we write: Redis 7.4's. */
export const versionMax = 12;
/** The newest file that is loaded, if it has nothing in it that only its own version knows. */
export const loadedVersionMax = 13;

/** The first version that has a type of value. */
export function versionOfType(type: number): number {
  if (type <= rdbType.streamListpacks2) return versionMin;
  return type <= rdbType.streamListpacks3 ? 11 : versionMax;
}
