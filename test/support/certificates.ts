// Certificates for tests: made when they are needed, valid for a day, written to a folder that is
// deleted with them. Nothing is committed that could expire, and no program but Node is needed.
//
// The DER writer knows just what an X.509 version 3 certificate takes (RFC 5280) that an authority
// with an elliptic key signs; Node makes the keys, encodes the public one and signs.
import { generateKeyPairSync, getDiffieHellman, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const commonName = [0x55, 0x04, 0x03];
const basicConstraints = [0x55, 0x1d, 0x13];
const subjectAltName = [0x55, 0x1d, 0x11];
const dayMs = 24 * 60 * 60 * 1000;

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Someone who can sign. */
export class Authority {
  readonly name: string;
  readonly cert: string;
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

  constructor(name: string) {
    this.name = name;
    this.cert = this.#issue(name, this.#keys.publicKey, { isAuthority: true });
  }

  /** A certificate for 127.0.0.1 and localhost; its key is encrypted when there is a passphrase. */
  issue(name: string, options: { passphrase?: string; isRsa?: true } = {}): Identity {
    const { publicKey, privateKey } =
      options.isRsa === true
        ? generateKeyPairSync("rsa", { modulusLength: 2048 })
        : generateKeyPairSync("ec", { namedCurve: "P-256" });
    const format = { type: "pkcs8", format: "pem" } as const;
    const { passphrase } = options;
    const key =
      passphrase === undefined
        ? privateKey.export(format)
        : privateKey.export({ ...format, cipher: "aes-256-cbc", passphrase });
    return { cert: this.#issue(name, publicKey, { isAuthority: false }), key };
  }

  #issue(name: string, key: KeyObject, { isAuthority }: { isAuthority: boolean }): string {
    const algorithm = sequence(objectId(ecdsaWithSha256));
    const nowMs = Date.now();
    const extensions = isAuthority
      ? [extension(basicConstraints, sequence(der(0x01, Buffer.from([0xff]))))]
      : [
          extension(
            subjectAltName,
            sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from("localhost"))),
          ),
        ];
    const content = sequence(
      der(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.from(`1${Math.random().toString(16).slice(2, 13).padEnd(13, "0")}`, "hex")),
      algorithm,
      nameOf(this.name),
      sequence(time(nowMs - dayMs), time(nowMs + dayMs)),
      nameOf(name),
      key.export({ type: "spki", format: "der" }),
      der(0xa3, sequence(...extensions)),
    );
    const signature = sign("sha256", content, this.#keys.privateKey);
    const bytes = sequence(content, algorithm, der(0x03, Buffer.from([0]), signature));
    return `-----BEGIN CERTIFICATE-----\n${wrapped(bytes)}\n-----END CERTIFICATE-----\n`;
  }
}

/** A named group of RFC 3526 (`modp15`...) as `openssl dhparam` writes parameters. */
export function dhParameters(group: string): string {
  const { prime, generator } = readGroup(group);
  // The prime's first bit is 1, which would make it negative.
  const bytes = sequence(integer(Buffer.concat([Buffer.from([0]), prime])), integer(generator));
  return `-----BEGIN DH PARAMETERS-----\n${wrapped(bytes)}\n-----END DH PARAMETERS-----\n`;
}

function readGroup(name: string): { prime: Buffer; generator: Buffer } {
  const group = getDiffieHellman(name);
  return { prime: group.getPrime(), generator: group.getGenerator() };
}

function wrapped(bytes: Buffer): string {
  return bytes.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

/** Of bytes whose first bit is 0: a positive number. */
function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function objectId(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function nameOf(text: string): Buffer {
  const attribute = sequence(objectId(commonName), der(0x0c, Buffer.from(text)));
  return sequence(der(0x31, attribute));
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\..*/g, "");
  return der(0x18, Buffer.from(`${digits}Z`));
}

function extension(id: readonly number[], value: Buffer): Buffer {
  return sequence(objectId(id), der(0x04, value));
}

/** A folder with files of PEM text. */
export class CertificateFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "respite-tls-"));

  /** Writes a file and answers with its path. */
  write(name: string, text: string): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
