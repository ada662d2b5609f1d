// Decodes RDB values of every type and encoding that Redis has ever written, into the encodings
// that the present configuration calls for. `value-encoder.ts` is the other half.
//
// Nothing read is trusted. Counts are held against the bytes that are left before room is made;
// every compact encoding is checked to the last byte before anybody walks it, duplicates and order
// included, whatever `sanitize-dump-payload` says: our structures rely on it. What cannot be loaded
// throws `RdbError`, and what had been built until then is given back.
//
// A large value will be read in slices: decoders add element by element to a value that is complete
// at any time, so a slice will be a number of turns of such a loop.
import type { Keyspace } from "../keyspace/keyspace.ts";
import { recordType } from "../keyspace/record.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { decodeHash, decodeHashListpack, decodeTimedHash, decodeZipmap } from "./hash-decoder.ts";
import { decodeList, decodeListZiplist, decodeQuicklist } from "./list-decoder.ts";
import { rdbType } from "./rdb-format.ts";
import type { RdbReader } from "./rdb-reader.ts";
import { decodeIntset, decodeSet, decodeSetListpack } from "./set-decoder.ts";
import { decodeStream } from "./stream-decoder.ts";
import { decodeZset, decodeZsetListpack } from "./zset-decoder.ts";

type Decoder = (keyspace: Keyspace, reader: RdbReader, into: DecodedValue, type: number) => void;

const decoders: readonly (Decoder | undefined)[] = Object.assign<Decoder[], object>([], {
  [rdbType.string]: decodeString,
  [rdbType.list]: decodeList,
  [rdbType.listZiplist]: decodeListZiplist,
  [rdbType.listQuicklist]: decodeQuicklist,
  [rdbType.listQuicklist2]: decodeQuicklist,
  [rdbType.set]: decodeSet,
  [rdbType.setIntset]: decodeIntset,
  [rdbType.setListpack]: decodeSetListpack,
  [rdbType.zset]: decodeZset,
  [rdbType.zset2]: decodeZset,
  [rdbType.zsetZiplist]: decodeZsetListpack,
  [rdbType.zsetListpack]: decodeZsetListpack,
  [rdbType.hash]: decodeHash,
  [rdbType.hashZipmap]: decodeZipmap,
  [rdbType.hashZiplist]: decodeHashListpack,
  [rdbType.hashListpack]: decodeHashListpack,
  [rdbType.hashListpackExEarly]: decodeHashListpack,
  [rdbType.hashListpackEx]: decodeHashListpack,
  [rdbType.hashMetadataEarly]: decodeTimedHash,
  [rdbType.hashMetadata]: decodeTimedHash,
  [rdbType.streamListpacks]: decodeStream,
  [rdbType.streamListpacks2]: decodeStream,
  [rdbType.streamListpacks3]: decodeStream,
});

/** Whether values of that type can be decoded: not those of modules. */
export function isValueType(type: number): boolean {
  return decoders[type] !== undefined;
}

/**
 * Reads a value of that type, one of `rdbType`. Throws `RdbError`; an empty collection, which Redis
 * never holds, is an error too.
 */
export function decodeValue(
  keyspace: Keyspace,
  reader: RdbReader,
  type: number,
  into: DecodedValue,
): void {
  const decoder = decoders[type];
  if (decoder === undefined) reader.fail(`values of type ${type} cannot be loaded`);
  into.set(recordType.string, 0, 0 as typeof into.root);
  try {
    decoder(keyspace, reader, into, type);
  } catch (error) {
    into.discard(keyspace);
    throw error;
  }
}

function decodeString(keyspace: Keyspace, reader: RdbReader, into: DecodedValue): void {
  reader.readString(into.text);
  if (into.text.length > keyspace.stringBytesMax) reader.fail("a string is too long");
}
