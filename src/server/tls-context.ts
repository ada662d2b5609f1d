// What the `tls-*` parameters say, read and checked: certificates, keys, authorities, protocols and
// ciphers, turned into what node:tls takes. Nothing is kept here; a context that cannot be had is a
// TlsError whose message is the line for the log, in Redis's words.
//
// Redis hands its parameters to OpenSSL one by one and so can name the one that is wrong. Node
// takes all at once, so each part is tried in a context of its own first.
import { X509Certificate, constants } from "node:crypto";
import type { Stats } from "node:fs";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { SecureContext, SecureContextOptions, SecureVersion, TlsOptions } from "node:tls";
import { createSecureContext } from "node:tls";
import type { ConfigValues } from "./config/parameters.ts";

/** The configuration of TLS cannot be used; the message says why, for the log. */
export class TlsError extends Error {
  override name = "TlsError";
}

export interface TlsContext {
  /** For the listening side. */
  readonly server: TlsOptions;
  /** For connections that the server itself makes. */
  readonly client: SecureContext;
  /** Absolute paths of all that was read, with the signature of just before. */
  readonly files: ReadonlyMap<string, string>;
}

/** TLS 1.3's suites that OpenSSL offers unless told otherwise. */
const defaultSuites = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
].join(":");

const protocols: readonly { name: string; version: SecureVersion; off: number }[] = [
  { name: "tlsv1", version: "TLSv1", off: constants.SSL_OP_NO_TLSv1 },
  { name: "tlsv1.1", version: "TLSv1.1", off: constants.SSL_OP_NO_TLSv1_1 },
  { name: "tlsv1.2", version: "TLSv1.2", off: constants.SSL_OP_NO_TLSv1_2 },
  { name: "tlsv1.3", version: "TLSv1.3", off: constants.SSL_OP_NO_TLSv1_3 },
];

const pemCertificate = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^]*?-----END \1-----/g;

const pemDhParameters = /-----BEGIN DH PARAMETERS-----([^-]*)-----END DH PARAMETERS-----/;

/** Names under which OpenSSL looks for an authority in a directory: the hash of its name. */
const hashedName = /^[\da-f]{8}\.\d+$/;

/** Reads the files that the parameters name; throws a TlsError when they cannot be used. */
export function readTlsContext(values: ConfigValues): TlsContext {
  if (values.tlsCertFile === "") throw new TlsError("No tls-cert-file configured!");
  if (values.tlsKeyFile === "") throw new TlsError("No tls-key-file configured!");
  const needsAuthorities =
    values.tlsAuthClients !== "no" || values.tlsCluster || values.tlsReplication;
  if (needsAuthorities && values.tlsCaCertFile === "" && values.tlsCaCertDir === "") {
    throw new TlsError(
      "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, " +
        "tls-replication or tls-auth-clients are enabled!",
    );
  }
  const files = new Map<string, string>();
  const common = { ...protocolOptions(values.tlsProtocols), ...cipherOptions(values) };
  const ca = readAuthorities(values, files);
  const own = readIdentity(
    {
      certFile: values.tlsCertFile,
      keyFile: values.tlsKeyFile,
      passphrase: values.tlsKeyFilePass,
    },
    files,
  );
  const hasClientIdentity = values.tlsClientCertFile !== "" && values.tlsClientKeyFile !== "";
  const clientIdentity = hasClientIdentity
    ? readIdentity(
        {
          certFile: values.tlsClientCertFile,
          keyFile: values.tlsClientKeyFile,
          passphrase: values.tlsClientKeyFilePass,
        },
        files,
      )
    : own;
  const server: TlsOptions = {
    ...common,
    ...own,
    ca,
    dhparam: readDhParameters(values.tlsDhParamsFile, files),
    honorCipherOrder: values.tlsPreferServerCiphers,
    secureOptions: common.secureOptions | sessionOptions(values),
    sessionTimeout: values.tlsSessionCacheTimeout,
    requestCert: values.tlsAuthClients !== "no",
    rejectUnauthorized: values.tlsAuthClients === "yes",
  };
  attempt("Failed to configure TLS", server);
  const client = attempt("Failed to configure TLS", { ...common, ...clientIdentity, ca });
  return { server, client, files };
}

function protocolOptions(text: string): {
  minVersion: SecureVersion;
  maxVersion: SecureVersion;
  secureOptions: number;
} {
  const names = (text === "" ? "TLSv1.2 TLSv1.3" : text).toLowerCase().split(" ");
  const chosen = protocols.filter(({ name }) => names.includes(name));
  if (names.some((name) => !protocols.some((known) => known.name === name))) {
    throw new TlsError(
      "Invalid tls-protocols specified. " +
        "Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
    );
  }
  let secureOptions = constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_RENEGOTIATION;
  for (const each of protocols) if (!chosen.includes(each)) secureOptions |= each.off;
  const minVersion = chosen[0].version;
  const maxVersion = chosen[chosen.length - 1].version;
  return { minVersion, maxVersion, secureOptions };
}

/** Node takes the ciphers of all versions in one list and tells TLS 1.3's by how they begin. */
function cipherOptions({ tlsCiphers, tlsCiphersuites }: ConfigValues): { ciphers: string } {
  const suites = tlsCiphersuites === "" ? defaultSuites : tlsCiphersuites;
  const wrongSuites = `Failed to configure ciphersuites: ${suites}`;
  if (!suites.split(":").every((suite) => suite.startsWith("TLS_"))) {
    throw new TlsError(wrongSuites);
  }
  attempt(wrongSuites, { ciphers: `${suites}:DEFAULT` });
  const list = tlsCiphers === "" ? "DEFAULT" : tlsCiphers;
  const wrongList = `Failed to configure ciphers: ${list}`;
  if (/(?:^|[:, ])!?TLS_/.test(list)) throw new TlsError(wrongList);
  const ciphers = `${suites}:${list}`;
  attempt(wrongList, { ciphers });
  return { ciphers };
}

/** Without caching no session is resumed, neither from a ticket nor from the server's memory. */
function sessionOptions(values: ConfigValues): number {
  return cachesSessions(values) ? 0 : constants.SSL_OP_NO_TICKET;
}

/** Whether clients may resume earlier sessions. */
export function cachesSessions(values: ConfigValues): boolean {
  return values.tlsSessionCaching && values.tlsSessionCacheTimeout > 0;
}

interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly passphrase?: string;
}

function readIdentity(
  options: { certFile: string; keyFile: string; passphrase: string },
  files: Map<string, string>,
): Identity {
  const { certFile, keyFile } = options;
  const wrongCertificate = `Failed to load certificate: ${certFile}`;
  const cert = readPart(wrongCertificate, certFile, files);
  attempt(wrongCertificate, { cert });
  const wrongKey = `Failed to load private key: ${keyFile}`;
  const key = readPart(wrongKey, keyFile, files);
  const passphrase = options.passphrase === "" ? {} : { passphrase: options.passphrase };
  attempt(wrongKey, { cert, key, ...passphrase });
  return { cert, key, ...passphrase };
}

function readAuthorities(values: ConfigValues, files: Map<string, string>): string[] {
  const wrong = "Failed to configure CA certificate(s) file/directory";
  const { tlsCaCertFile, tlsCaCertDir } = values;
  const sources = tlsCaCertFile === "" ? [] : [tlsCaCertFile];
  if (tlsCaCertDir !== "") {
    const names = reading(wrong, () => {
      files.set(resolve(tlsCaCertDir), fileSignature(statSync(tlsCaCertDir)));
      return readdirSync(tlsCaCertDir);
    });
    for (const name of names) if (hashedName.test(name)) sources.push(join(tlsCaCertDir, name));
  }
  const found: string[] = [];
  for (const file of sources) {
    const text = readPart(wrong, file, files).toString("latin1");
    const blocks = text.match(pemCertificate) ?? [];
    if (blocks.length === 0) throw new TlsError(`${wrong}: no certificate or crl found in ${file}`);
    for (const block of blocks) {
      if (!block.includes("TRUSTED")) reading(wrong, () => new X509Certificate(block));
      found.push(block);
    }
  }
  attempt(wrong, { ca: found });
  return found;
}

function readDhParameters(file: string, files: Map<string, string>): Buffer | "auto" {
  if (file === "") return "auto";
  const dhparam = readPart(`Failed to load ${file}`, file, files);
  // Node does without what it cannot read, and does not say so.
  if (!holdsDhParameters(dhparam)) throw new TlsError(`${file}: failed to read DH params.`);
  attempt(`Failed to load DH params file: ${file}`, { dhparam });
  return dhparam;
}

/** Whether a PEM block holds a prime and a generator in DER: a sequence of two integers. */
function holdsDhParameters(pem: Buffer): boolean {
  const block = pemDhParameters.exec(pem.toString("latin1"));
  if (block === null) return false;
  const bytes = Buffer.from(block[1], "base64");
  const primeStart = derContentStart(bytes, 0, 0x30);
  const prime = derContentStart(bytes, primeStart, 0x02);
  return prime > 0 && derContentStart(bytes, prime + derLength(bytes, primeStart), 0x02) > 0;
}

/** Where the content of an element begins; -1 when it is not there or of another kind. */
function derContentStart(bytes: Buffer, start: number, tag: number): number {
  if (start < 0 || bytes[start] !== tag) return -1;
  const form = bytes[start + 1];
  return start + 2 + (form < 0x80 ? 0 : form & 0x7f);
}

function derLength(bytes: Buffer, start: number): number {
  const form = bytes[start + 1];
  if (form < 0x80) return form;
  let length = 0;
  for (let index = 0; index < (form & 0x7f); index++)
    length = length * 256 + bytes[start + 2 + index];
  return length;
}

function readPart(wrong: string, file: string, files: Map<string, string>): Buffer {
  return reading(wrong, () => {
    files.set(resolve(file), fileSignature(statSync(file)));
    return readFileSync(file);
  });
}

/** Something that is another when the file or directory has changed. */
export function fileSignature({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

function reading<Value>(wrong: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new TlsError(`${wrong}: ${tlsReason(error)}`, { cause: error });
  }
}

/** A context of these options only; no authority is trusted that they do not name. */
function attempt(wrong: string, options: SecureContextOptions): SecureContext {
  return reading(wrong, () => createSecureContext({ ca: [], ...options }));
}

/** What OpenSSL or the system says, as it stands in Redis's log: without Node's file and line. */
export function tlsReason(error: unknown): string {
  const { message } = error as Error;
  const openSsl = /error:([\dA-F]+):([^:]*):[^:]*:([^:\n]*)/.exec(message);
  if (openSsl !== null) return `error:${openSsl[1]}:${openSsl[2]}::${openSsl[3]}`;
  return /^E[A-Z]+: ([^,]*)/.exec(message)?.[1] ?? message;
}
