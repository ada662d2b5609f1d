// Sends a snapshot that lies in a file to one replica, a piece at a time: the next is read when the
// system has taken the one before.
//
//   $<length>\r\n  the file
import { asciiBytes } from "../bytes/ascii.ts";
import type { DirectLink } from "../engine/session.ts";
import type { DiskFile } from "../persistence/disk.ts";
import { DiskError } from "../persistence/disk.ts";

const pieceBytes = 64 * 1024;
/** Pieces that are sent before others get their turn. */
const piecesAtOnce = 8;

export interface FileTransferOptions {
  readonly file: DiskFile;
  readonly link: DirectLink;
  /** All is sent, or, with an error, cannot be. The file is closed. */
  onEnd(error: DiskError | undefined): void;
  /** Calls `next` in a later turn. */
  later(next: () => void): void;
}

export class FileTransfer {
  readonly #options: FileTransferOptions;
  readonly #size: number;
  readonly #piece = new Uint8Array(pieceBytes);
  #sent = 0;
  #isEnded = false;
  readonly #pump: () => void;

  /** Begins to send. Throws a DiskError. */
  constructor(options: FileTransferOptions) {
    this.#options = options;
    this.#size = options.file.size();
    this.#pump = () => this.#send();
    const head = asciiBytes(`$${this.#size}\r\n`);
    options.link.send(head, 0, head.length);
    options.link.whenSent(this.#pump);
  }

  // The file takes no memory: what is left of it does not count as output.
  readonly leftBytes = 0;

  #send(): void {
    const { file, link } = this.#options;
    for (let count = 0; count < piecesAtOnce && !this.#isEnded; count++) {
      if (this.#sent === this.#size) {
        this.#end(undefined);
        return;
      }
      const wanted = Math.min(pieceBytes, this.#size - this.#sent);
      const length = this.#read(file, wanted);
      if (length === 0) return;
      this.#sent += length;
      link.send(this.#piece, 0, length);
      if (link.unsentBytes > 0) {
        link.whenSent(this.#pump);
        return;
      }
    }
    if (!this.#isEnded) this.#options.later(this.#pump);
  }

  #read(file: DiskFile, wanted: number): number {
    try {
      const length = file.read(this.#piece, 0, wanted, this.#sent);
      if (length === 0) this.#end(new DiskError("EIO", "premature EOF"));
      return length;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#end(error);
      return 0;
    }
  }

  #end(error: DiskError | undefined): void {
    this.stop();
    this.#options.onEnd(error);
  }

  /** The replica is gone: nothing more is sent. */
  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.file.close();
  }
}
