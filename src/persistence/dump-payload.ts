// What DUMP replies with and RESTORE takes: one value with everything that is needed to know
// whether it is whole and can be read.
//
//   byte 0  type of the value   1  the value   ..  RDB version (2)   ..  CRC-64 of all before (8)
import { Crc64 } from "../bytes/crc64.ts";
import { Slice } from "../bytes/slices.ts";
import type { Ref } from "../memory/arena.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { DecodedValue } from "./decoded-value.ts";
import { opcode, versionMax, versionMin, versionOfType } from "./rdb-format.ts";
import { RdbError, RdbReader } from "./rdb-reader.ts";
import type { RdbWriter } from "./rdb-writer.ts";
import { decodeValue } from "./value-decoder.ts";
import { encodeValue, rdbTypeOf } from "./value-encoder.ts";

const versionBytes = 2;
const checksumBytes = 8;
const footerBytes = versionBytes + checksumBytes;
const checksum = new Crc64();

/** Writes the payload of the record's value into an empty writer without a sink. */
export function encodePayload(keyspace: Keyspace, ref: Ref, writer: RdbWriter): void {
  const type = rdbTypeOf(keyspace, ref, versionMin);
  writer.byte(type);
  encodeValue(keyspace, ref, type, writer);
  seal(writer, versionOfType(type));
}

/** Writes the payload of libraries of functions, each with the same head as in a dump file. */
export function encodeFunctions(codes: readonly Uint8Array[], writer: RdbWriter): void {
  for (const code of codes) {
    writer.byte(opcode.function);
    writer.string(code, 0, code.length);
  }
  seal(writer, versionMin);
}

/** The codes of the libraries in a whole payload; a text says why it makes no sense. */
export function decodeFunctions(
  bytes: Uint8Array,
  offset: number,
  length: number,
): Uint8Array[] | string {
  const reader = new RdbReader(bytes, offset, length - footerBytes);
  const codes: Uint8Array[] = [];
  const code = new Slice();
  try {
    while (reader.position < reader.end) {
      const type = reader.readByte();
      if (type === opcode.earlyFunction) return "Pre-GA function format not supported";
      if (type !== opcode.function) return "given type is not a function";
      reader.readString(code);
      codes.push(code.copy());
    }
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    return "Failed loading library code";
  }
  return codes;
}

function seal(writer: RdbWriter, version: number): void {
  writer.byte(version & 0xff);
  writer.byte(version >>> 8);
  checksum.reset();
  checksum.update(writer.buffer, 0, writer.position);
  writer.reserve(checksumBytes);
  writer.position = checksum.write(writer.buffer, writer.position);
}

/**
 * Whether the bytes are a payload of a version that we read, and undamaged, as far as their
 * checksum tells, if that is looked at.
 */
export function isWholePayload(
  bytes: Uint8Array,
  offset: number,
  length: number,
  options: { readonly hasChecksum: boolean },
): boolean {
  if (length < footerBytes) return false;
  const footer = offset + length - footerBytes;
  if ((bytes[footer] | (bytes[footer + 1] << 8)) > versionMax) return false;
  if (!options.hasChecksum) return true;
  checksum.reset();
  checksum.update(bytes, offset, length - checksumBytes);
  return checksum.isStoredAt(bytes, footer + versionBytes);
}

/**
 * Reads the value of a whole payload. Throws `RdbError` for one that makes no sense all the same.
 */
export function decodePayload(
  keyspace: Keyspace,
  bytes: Uint8Array,
  offset: number,
  length: number,
  into: DecodedValue,
): void {
  const reader = new RdbReader(bytes, offset, length - footerBytes);
  decodeValue(keyspace, reader, reader.readByte(), into);
}
