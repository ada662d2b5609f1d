// Parameters of encrypted connections. A changed certificate keeps its file's name, so hooks of
// those parameters run whenever they are set.

import { integer, intMax } from "../integer-kind.ts";
import { choice, stored, string, yesNo } from "../parameter.ts";

export const tls = [
  integer("tls-port", 0, {
    summary: "Port for encrypted connections; 0 means none.",
    min: 0,
    max: 65535,
  }),
  yesNo("tls-replication", false, {
    summary: "Encrypts the connection to the primary.",
  }),
  yesNo("tls-cluster", false, {
    summary: "Encrypts the cluster's bus.",
    awaits: stored("cluster mode"),
  }),
  string("tls-cert-file", "", {
    summary: "Certificate of the server.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  string("tls-key-file", "", {
    summary: "Private key of the server.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  string("tls-key-file-pass", "", {
    summary: "Passphrase of that key.",
    sensitive: true,
    emptyIsUnset: true,
  }),
  string("tls-client-cert-file", "", {
    summary: "Certificate for connections that the server itself makes.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  string("tls-client-key-file", "", {
    summary: "Private key for connections that the server itself makes.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  string("tls-client-key-file-pass", "", {
    summary: "Passphrase of that key.",
    sensitive: true,
    emptyIsUnset: true,
  }),
  string("tls-dh-params-file", "", {
    summary: "Diffie-Hellman parameters for old clients.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  string("tls-ca-cert-file", "", {
    summary: "Certificates of the authorities that are trusted.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  string("tls-ca-cert-dir", "", {
    summary: "Directory of such certificates.",
    emptyIsUnset: true,
    reapplied: true,
  }),
  choice("tls-auth-clients", "yes", ["no", "yes", "optional"], {
    summary: "Whether clients must show a certificate.",
  }),
  string("tls-protocols", "", {
    summary: "Versions of TLS that are accepted.",
    emptyIsUnset: true,
  }),
  string("tls-ciphers", "", {
    summary: "Ciphers up to TLS 1.2.",
    emptyIsUnset: true,
  }),
  string("tls-ciphersuites", "", {
    summary: "Cipher suites of TLS 1.3.",
    emptyIsUnset: true,
  }),
  yesNo("tls-prefer-server-ciphers", false, {
    summary: "Chooses ciphers by the server's order, not the client's.",
  }),
  yesNo("tls-session-caching", true, {
    summary: "Lets clients resume earlier sessions.",
  }),
  integer("tls-session-cache-size", 20 * 1024, {
    summary: "Sessions that are remembered; 0 is no limit.",
    min: 0,
    max: intMax,
  }),
  integer("tls-session-cache-timeout", 300, {
    summary: "Seconds that a session is remembered.",
    min: 0,
    max: intMax,
  }),
  integer("max-new-tls-connections-per-cycle", 1, {
    summary: "How many new encrypted connections are accepted in one turn of the event loop.",
    min: 1,
    max: 1000,
    unsigned: true,
  }),
] as const;
