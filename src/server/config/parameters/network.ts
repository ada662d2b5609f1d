// Parameters of the network: where the server listens, what one client may take, and who may
// connect or use which dangerous commands.

import { integer, intMax, longMax, unsignedIntMax } from "../integer-kind.ts";
import { choice, fixed, special, string, yesNo } from "../parameter.ts";
import { bindKind, outputBufferLimitsKind } from "../special-kinds.ts";

const mebibyte = 1024 * 1024;
const protectedActions = ["no", "yes", "local"] as const;

export const network = [
  integer("port", 6379, {
    summary: "TCP port that clients connect to; 0 means none.",
    min: 0,
    max: 65535,
  }),
  special("bind", ["*", "-::*"], bindKind, {
    summary:
      "Addresses to listen on; one with a minus in front is left out where it does not exist.",
    multiArgument: true,
    reapplied: true,
  }),
  string("bind-source-addr", "", {
    summary: "Address that the server's own connections to other servers start from.",
    emptyIsUnset: true,
  }),
  string("unixsocket", "", {
    summary: "Path of a Unix socket to listen on besides TCP.",
    mutability: "immutable",
    emptyIsUnset: true,
  }),
  integer("unixsocketperm", 0, {
    summary: "File mode of the Unix socket, in octal; 0 leaves what the umask gives.",
    mutability: "immutable",
    min: 0,
    max: 0o777,
    unit: "octal",
    unsigned: true,
  }),
  integer("tcp-backlog", 511, {
    summary: "How many connections the kernel may hold that have not been accepted yet.",
    mutability: "immutable",
    min: 0,
    max: intMax,
  }),
  integer("tcp-keepalive", 300, {
    summary:
      "Seconds of silence after which TCP probes whether a client is still there; 0 is never.",
    min: 0,
    max: intMax,
  }),
  integer("timeout", 0, {
    summary: "Seconds after which an idle client is disconnected; 0 is never.",
    min: 0,
    max: intMax,
  }),
  integer("socket-mark-id", 0, {
    summary: "Mark that the kernel attaches to packets of this server, for routing and filtering.",
    mutability: "immutable",
    min: 0,
    max: unsignedIntMax,
    unsigned: true,
    awaits: fixed("socket marks"),
  }),
  integer("maxclients", 10000, {
    summary:
      "How many clients may be connected at once, as far as the system has descriptors for them.",
    min: 1,
    max: unsignedIntMax,
    unsigned: true,
  }),
  integer("max-new-connections-per-cycle", 10, {
    summary: "How many new connections are accepted in one turn of the event loop.",
    min: 1,
    max: 1000,
    unsigned: true,
  }),
  choice("io-transport", "auto", ["auto", "epoll", "net"], {
    summary:
      "Whose event loop connections use: our own (epoll), Node's (net), or ours where it can be.",
    mutability: "immutable",
    // Tools that set everything that CONFIG GET names know which of Redis's names cannot be set.
    hidden: true,
  }),
  integer("io-gathering-us", 30, {
    summary:
      "How long our own event loop naps while many clients are active and few have asked, to " +
      "serve more of them in a turn, in microseconds; 0: not at all.",
    min: 0,
    max: 1000,
  }),
  yesNo("protected-mode", true, {
    summary: "Refuses clients of other machines while there is no password for the default user.",
  }),
  string("requirepass", "", {
    summary: "Password of the default user.",
    sensitive: true,
    holdsBytes: true,
    emptyIsUnset: true,
  }),
  special(
    "client-output-buffer-limit",
    {
      normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
      replica: { hardBytes: 256 * mebibyte, softBytes: 64 * mebibyte, softSeconds: 60 },
      pubsub: { hardBytes: 32 * mebibyte, softBytes: 8 * mebibyte, softSeconds: 60 },
    },
    outputBufferLimitsKind,
    {
      summary: "Disconnects clients that read their replies too slowly, by class of client.",
      multiArgument: true,
    },
  ),
  integer("client-query-buffer-limit", 1024 * mebibyte, {
    summary: "Most bytes that a client may have sent which have not been executed yet.",
    min: mebibyte,
    max: longMax,
    unit: "memory",
    unsigned: true,
  }),
  integer("proto-max-bulk-len", 512 * mebibyte, {
    summary: "Largest single argument of a request, and with it the largest string.",
    min: mebibyte,
    max: longMax,
    unit: "memory",
  }),
  choice("enable-protected-configs", "no", protectedActions, {
    summary:
      "Whether CONFIG SET may change protected parameters: never, always, or from this machine.",
    mutability: "immutable",
  }),
  choice("enable-debug-command", "no", protectedActions, {
    summary: "Whether DEBUG may be used: never, always, or from this machine.",
    mutability: "immutable",
  }),
  choice("enable-module-command", "no", protectedActions, {
    summary: "Whether MODULE may be used: never, always, or from this machine.",
    mutability: "immutable",
  }),
  string("aclfile", "", {
    summary: "File that users and their rights are read from.",
    mutability: "immutable",
  }),
  choice("acl-pubsub-default", "resetchannels", ["allchannels", "resetchannels"], {
    summary: "Whether new users may use all channels or none.",
  }),
  integer("acllog-max-len", 128, {
    summary: "How many refused accesses ACL LOG remembers.",
    min: 0,
    max: longMax,
  }),
] as const;
