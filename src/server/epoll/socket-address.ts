// Addresses of sockets as Linux lays them out (ip(7), ipv6(7), unix(7)): family in two bytes of the
// machine's order, port in two of the network's, then the address.
import { isIPv4 } from "node:net";

export const family = { unix: 1, ipv4: 2, ipv6: 10 } as const;

/** The longest that is used here: a Unix socket's, with its path. */
export const addressBytesMax = 110;
const unixPathOffset = 2;
/** With the zero that ends it. */
const unixPathBytesMax = 108;
const ipv4Bytes = 16;
const ipv6Bytes = 28;
const ipv4Offset = 4;
const ipv6Offset = 8;
const ipv6ScopeOffset = 24;

export interface SocketAddress {
  /** An IPv4 or IPv6 address, with `%scope` (a number) where it needs one. */
  readonly host: string;
  readonly port: number;
}

/** Writes an address of TCP into `bytes`; its family and length. */
export function writeSocketAddress(
  bytes: Uint8Array,
  { host, port }: SocketAddress,
): { readonly family: number; readonly length: number } {
  bytes.fill(0, 0, addressBytesMax);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(2, port);
  if (isIPv4(host)) {
    view.setUint16(0, family.ipv4, true);
    for (const [index, part] of host.split(".").entries()) bytes[ipv4Offset + index] = Number(part);
    return { family: family.ipv4, length: ipv4Bytes };
  }
  const [address, scope] = host.split("%");
  view.setUint16(0, family.ipv6, true);
  for (const [index, group] of ipv6Groups(address).entries()) {
    view.setUint16(ipv6Offset + 2 * index, group);
  }
  view.setUint32(ipv6ScopeOffset, Number(scope ?? 0), true);
  return { family: family.ipv6, length: ipv6Bytes };
}

/** Writes the address of a Unix socket; its length, or undefined when the path is too long. */
export function writeUnixAddress(bytes: Uint8Array, path: string): number | undefined {
  bytes.fill(0, 0, addressBytesMax);
  const encoded = Buffer.from(path);
  if (encoded.length >= unixPathBytesMax) return undefined;
  new DataView(bytes.buffer, bytes.byteOffset).setUint16(0, family.unix, true);
  bytes.set(encoded, unixPathOffset);
  return unixPathOffset + encoded.length + 1;
}

/** Reads what the system has written; undefined when it is no address of TCP. */
export function readSocketAddress(bytes: Uint8Array): SocketAddress | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const port = view.getUint16(2);
  switch (view.getUint16(0, true)) {
    case family.ipv4:
      return { host: bytes.subarray(ipv4Offset, ipv4Offset + 4).join("."), port };
    case family.ipv6: {
      const groups = Array.from({ length: 8 }, (_, index) =>
        view.getUint16(ipv6Offset + 2 * index),
      );
      return { host: ipv6Text(groups), port };
    }
    default:
      return undefined;
  }
}

/** The eight groups of an address that Node has found to be one. */
function ipv6Groups(text: string): number[] {
  const [head, tail] = text.split("::").map((side) => groupsOf(side));
  if (tail === undefined) return head;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function groupsOf(side: string): number[] {
  if (side === "") return [];
  return side.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a, b, c, d] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** As inet_ntop writes it: the longest run of zeros (of two or more) is `::`. */
function ipv6Text(groups: readonly number[]): string {
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) {
    const [high, low] = groups.slice(6);
    return `::ffff:${[high >> 8, high & 255, low >> 8, low & 255].join(".")}`;
  }
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(([run]) => run);
  if (runs.length === 0) return text;
  const longest = runs.reduce((best, run) => (zeros(run) > zeros(best) ? run : best));
  const at = text.indexOf(longest);
  const rest = text.slice(at + longest.length);
  return `${text.slice(0, at)}:${rest === "" ? ":" : rest}`;
}

function zeros(run: string): number {
  return run.split("0").length - 1;
}
