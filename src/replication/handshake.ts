// What a replica and its primary say to each other before the data comes: who is there, who may,
// and where the replica stands in the history.
//
//   PING                                     +PONG
//   AUTH, REPLCONF port, address, capa...    +OK each; an error to REPLCONF does no harm
//   PSYNC <id> <offset>                      +FULLRESYNC <id> <offset>, +CONTINUE [<id>], an error
//
// Empty lines mean that the primary is still there. Order and texts are those of Redis's
// syncWithMaster (src/replication.c).
import { asciiBytes, latin1 } from "../bytes/ascii.ts";
import type { LogLevel } from "../engine/host.ts";
import { idLength } from "./replication-history.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** A primary's replies are short. */
const lineBytesMax = 1024;

export interface HandshakeOptions {
  /** Empty: none. One character a byte. */
  readonly user: string;
  readonly password: string;
  readonly port: number;
  /** The address that we give for ourselves; empty: that of the connection. */
  readonly address: string;
  readonly version: string;
  /** Where we could go on; undefined: nowhere. */
  readonly history: { readonly id: string; readonly offset: number } | undefined;
  /** The primary is to become one: it is a replica of ours as yet. */
  readonly isFailover: boolean;
  send(bytes: Uint8Array): void;
  log(this: void, level: LogLevel, text: string): void;
}

export type HandshakeOutcome =
  /** A snapshot follows, of that place in that history; -1: the primary knows of no offsets. */
  | { readonly kind: "full"; readonly id: string; readonly offset: number }
  /** The stream follows; of this id from now on, "" for the same. */
  | { readonly kind: "partial"; readonly id: string }
  /** It cannot now. */
  | { readonly kind: "later" }
  /** It does not understand. */
  | { readonly kind: "unsupported" }
  | { readonly kind: "failed" };

type Step = "ping" | "auth" | "listening-port" | "ip-address" | "capa" | "version" | "psync";

export class Handshake {
  readonly #options: HandshakeOptions;
  /** Replies that are still to come, in order. */
  #steps: Step[] = ["ping"];
  readonly #line = new Uint8Array(lineBytesMax);
  #length = 0;
  /** Bytes of the last `feed` that were used. */
  used = 0;

  /** Says the first word. */
  constructor(options: HandshakeOptions) {
    this.#options = options;
    options.log("notice", "Non blocking connect for SYNC fired the event.");
    this.#send("PING");
  }

  #send(...words: string[]): void {
    const parts = words.map((word) => `$${word.length}\r\n${word}\r\n`);
    this.#options.send(asciiBytes(`*${words.length}\r\n${parts.join("")}`));
  }

  /** Takes what has come; the outcome once there is one, and then `used` says where the rest is. */
  feed(bytes: Uint8Array, start: number, end: number): HandshakeOutcome | undefined {
    for (let index = start; index < end; index++) {
      const byte = bytes[index];
      if (byte !== lineFeed) {
        if (this.#length === lineBytesMax) return this.#tooLong();
        this.#line[this.#length++] = byte;
        continue;
      }
      const isCrLf = this.#length > 0 && this.#line[this.#length - 1] === carriageReturn;
      const line = latin1(this.#line, 0, isCrLf ? this.#length - 1 : this.#length);
      this.#length = 0;
      this.used = index + 1 - start;
      const outcome = line === "" ? undefined : this.#read(line);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }

  #tooLong(): HandshakeOutcome {
    this.#options.log("warning", "Failed to read response from the server: line too long");
    return { kind: "failed" };
  }

  #read(line: string): HandshakeOutcome | undefined {
    const step = this.#steps.shift();
    const isError = line.startsWith("-");
    switch (step) {
      case "ping":
        return this.#readPing(line);
      case "auth":
        if (!isError) return undefined;
        this.#options.log("warning", `Unable to AUTH to MASTER: ${line}`);
        return { kind: "failed" };
      case "psync":
        return this.#readPsync(line);
      case "version":
        // Primaries before 8 do not know the word.
        break;
      default:
        if (isError) {
          this.#options.log(
            "notice",
            `(Non critical) Master does not understand REPLCONF ${step}: ${line}`,
          );
        }
    }
    if (this.#steps.length === 0) this.#sendPsync();
    return undefined;
  }

  /** Only some errors are excused: a primary that wants a password, or whose rights are tight. */
  #readPing(line: string): HandshakeOutcome | undefined {
    const { log } = this.#options;
    const isExcused = /^-(?:NOAUTH|NOPERM|ERR operation not permitted)/.test(line);
    if (!line.startsWith("+") && !isExcused) {
      log("warning", `Error reply to PING from master: '${line}'`);
      return { kind: "failed" };
    }
    log("notice", "Master replied to PING, replication can continue...");
    this.#introduce();
    return undefined;
  }

  #introduce(): void {
    const { user, password, port, address, version } = this.#options;
    if (password !== "") {
      this.#steps.push("auth");
      if (user === "") this.#send("AUTH", password);
      else this.#send("AUTH", user, password);
    }
    this.#steps.push("listening-port");
    this.#send("REPLCONF", "listening-port", String(port));
    if (address !== "") {
      this.#steps.push("ip-address");
      this.#send("REPLCONF", "ip-address", address);
    }
    this.#steps.push("capa", "version");
    this.#send("REPLCONF", "capa", "eof", "capa", "psync2");
    this.#send("REPLCONF", "version", version);
  }

  #sendPsync(): void {
    const { history, log, isFailover } = this.#options;
    const id = history?.id ?? "?";
    const offset = String(history === undefined ? -1 : history.offset + 1);
    if (history === undefined) {
      log("notice", "Partial resynchronization not possible (no cached master)");
    } else {
      log("notice", `Trying a partial resynchronization (request ${id}:${offset}).`);
    }
    this.#steps.push("psync");
    this.#send("PSYNC", id, offset, ...(isFailover ? ["FAILOVER"] : []));
  }

  #readPsync(line: string): HandshakeOutcome {
    const { log } = this.#options;
    if (line.startsWith("+FULLRESYNC")) return this.#readFull(line);
    if (line.startsWith("+CONTINUE") && this.#options.history !== undefined) {
      log("notice", "Successful partial resynchronization with master.");
      const id = line.slice("+CONTINUE ".length);
      return { kind: "partial", id: id.length === idLength ? id : "" };
    }
    if (line.startsWith("-NOMASTERLINK") || line.startsWith("-LOADING")) {
      log("notice", `Master is currently unable to PSYNC but should be in the future: ${line}`);
      return { kind: "later" };
    }
    if (line.startsWith("-ERR")) {
      log("notice", `Master does not support PSYNC or is in error state (reply: ${line})`);
    } else {
      log("warning", `Unexpected reply to PSYNC from master: ${line}`);
    }
    return { kind: "unsupported" };
  }

  #readFull(line: string): HandshakeOutcome {
    const { log } = this.#options;
    const [, id = "", text = ""] = line.split(" ");
    const offset = Number(text);
    if (id.length !== idLength || !/^\d+$/.test(text) || !Number.isSafeInteger(offset)) {
      log("warning", "Master replied with wrong +FULLRESYNC syntax.");
      return { kind: "full", id: "", offset: -1 };
    }
    log("notice", `Full resync from master: ${id}:${offset}`);
    return { kind: "full", id, offset };
  }
}
