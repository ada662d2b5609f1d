// The C library and libuv, called from JavaScript through Node's `node:ffi`: as much of them as an
// event loop needs.
//
// Memory that the system reads or writes is allocated once and stays where it is; its address is a
// constant `bigint`, since making one costs more than the call. Lengths fit 32 bits. A call that
// fails answers -1, and `errno` tells why until the next call.
//
// Nothing here is checked by the language: a wrong signature crashes the process. All of them stand
// in this file.
import { endianness } from "node:os";
import { setFlagsFromString } from "node:v8";
import type * as FfiModule from "node:ffi";
import { viewedBytes } from "../../bytes/viewed.ts";

type Ffi = typeof FfiModule;

/** Numbers of Linux on x64 and arm64. */
export const errnoOf = {
  interrupted: 4,
  again: 11,
  tooManyFilesOpenInSystem: 23,
  tooManyFilesOpen: 24,
  connectionAborted: 103,
} as const;

/**
 * Node's wrapper of a function with up to three arguments is code that V8 can inline, and then the
 * function is called directly: `read` and `write`, one of each for a request, must have no more.
 * Other functions of three are declared with an argument more, which the callee does not look at:
 * the wrapper's own code, where it is not inlined, has one target fewer.
 */
const unused = "int32";

const signatures = {
  epoll_create1: { arguments: ["int32"], return: "int32" },
  epoll_ctl: { arguments: ["int32", "int32", "int32", "pointer"], return: "int32" },
  epoll_wait: { arguments: ["int32", "pointer", "int32", "int32"], return: "int32" },
  read: { arguments: ["int32", "pointer", "uint32"], return: "int32" },
  write: { arguments: ["int32", "pointer", "uint32"], return: "int32" },
  recv: { arguments: ["int32", "pointer", "uint32", "int32"], return: "int32" },
  close: { arguments: ["int32"], return: "int32" },
  madvise: { arguments: ["pointer", "uint64", "int32", unused], return: "int32" },
  usleep: { arguments: ["uint32"], return: "int32" },
  prctl: { arguments: ["int32", "uint64", "uint64", "uint64", "uint64"], return: "int32" },
  socket: { arguments: ["int32", "int32", "int32", unused], return: "int32" },
  bind: { arguments: ["int32", "pointer", "uint32", unused], return: "int32" },
  listen: { arguments: ["int32", "int32"], return: "int32" },
  accept4: { arguments: ["int32", "pointer", "pointer", "int32"], return: "int32" },
  shutdown: { arguments: ["int32", "int32"], return: "int32" },
  getsockname: { arguments: ["int32", "pointer", "pointer", unused], return: "int32" },
  setsockopt: { arguments: ["int32", "int32", "int32", "pointer", "uint32"], return: "int32" },
  __errno_location: { arguments: [], return: "pointer" },
  uv_backend_fd: { arguments: ["pointer"], return: "int32" },
  uv_handle_size: { arguments: ["int32"], return: "uint64" },
  uv_poll_init: { arguments: ["pointer", "pointer", "int32", unused], return: "int32" },
  uv_poll_start: { arguments: ["pointer", "int32", "pointer", unused], return: "int32" },
  uv_poll_stop: { arguments: ["pointer"], return: "int32" },
  uv_close: { arguments: ["pointer", "pointer"], return: "void" },
} as const;

/**
 * What V8 inlines into one function, in bytes of its bytecode. Its default, 920, is used up before
 * it has come from our loop through Node's wrappers to the call: then a system call costs 150 ns
 * more, a tenth of all that a request without a pipeline takes in user mode.
 */
const inlining = "--max-inlined-bytecode-size-cumulative=8000";

/** Bytes that do not move, and where they are. */
export interface Pinned {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly address: bigint;
}

export type Libc = ReturnType<typeof load>;

/** The functions; or the reason, as words for the log, why they cannot be had here. */
export function openLibc(): Libc | string {
  if (process.platform !== "linux") return "it is for Linux";
  if (process.arch !== "x64" && process.arch !== "arm64") return `not on ${process.arch}`;
  if (endianness() !== "LE") return "not on a big-endian machine";
  const ffi = withoutWarning(() => process.getBuiltinModule("node:ffi") as Ffi | undefined);
  if (ffi === undefined) return "this Node.js has no node:ffi";
  try {
    return load(ffi);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Loading `node:ffi` warns on standard error that it is experimental. What the user needs to know
 * of that is in the documents, and the log says what is in use.
 */
function withoutWarning<Result>(run: () => Result): Result {
  const own = Object.getOwnPropertyDescriptor(process, "emitWarning");
  process.emitWarning = () => undefined;
  try {
    return run();
  } finally {
    if (own !== undefined) Object.defineProperty(process, "emitWarning", own);
  }
}

function load(ffi: Ffi) {
  setFlagsFromString(inlining);
  const { lib, functions } = ffi.dlopen(null, signatures);
  const errnoAddress = functions["__errno_location"]();
  const errno = new Int32Array(ffi.toArrayBuffer(errnoAddress, 4, false));
  return {
    ...functions,
    /** The event loop of Node itself. */
    uvLoop: ffi.getCurrentEventLoop(),
    /** Why the last call failed. */
    errno: (): number => errno[0],
    /** Zeroed memory at a fixed place; small arrays would lie on the heap and be moved. */
    pin(size: number): Pinned {
      const bytes = viewedBytes(Math.max(size, pinnedBytesMin));
      const words = new Uint32Array(bytes.buffer);
      return { bytes, words, address: ffi.getRawPointer(bytes) };
    },
    /**
     * Where an array begins. Only for arrays of at least `pinnedBytesMin` bytes, and only for as
     * long as somebody refers to it.
     */
    addressOf: (bytes: Uint8Array): bigint => ffi.getRawPointer(bytes),
    /** A function pointer that libuv may call with (handle, status, events), for ever. */
    callback: (run: () => void): bigint =>
      lib.registerCallback({ arguments: ["pointer", "int32", "int32"], return: "void" }, run),
  };
}

/** A whole number of words, and more than V8 keeps on its heap. */
export const pinnedBytesMin = 128;
