// The bound of replies that are as long as the client says, whatever the data: SRANDMEMBER,
// HRANDFIELD and ZRANDMEMBER with a negative count draw as often as that. Nothing in the data ends
// such a reply, so this does: with an error, before the reply has taken the server's memory and
// everybody's time.
import { Failure } from "../keyspace/failure.ts";
import type { Context } from "./command.ts";

/**
 * Bytes of one such reply. Redis differs: it goes on as long as there is memory, unless the client
 * has a limit.
 */
const drawnBytesMax = 256 * 1024 * 1024;
/** The empty string takes `$0`, two line ends. */
const elementBytesMin = 6;
/** Bytes between two looks. */
const stepBytes = 64 * 1024;

const drawnTooLong = new Failure("ERR the reply would be longer than 256 MB, ask for less");
const overLimit = new Failure("ERR the reply is longer than client-output-buffer-limit allows");

export class DrawnReply {
  readonly #context: Context;
  readonly #start: number;
  #nextLook: number;

  /** Throws a Failure when no reply of so many elements can be within the bounds. */
  constructor(context: Context, count: number) {
    this.#context = context;
    this.#start = context.reply.position;
    this.#nextLook = this.#start + stepBytes;
    this.#limit(count * elementBytesMin);
  }

  /**
   * To be called after each element. Throws a Failure when the reply has become too long; a client
   * whose own limit it was is closed, as in Redis, and gets nothing of it.
   */
  check(): void {
    const { position } = this.#context.reply;
    if (position < this.#nextLook) return;
    this.#nextLook = position + stepBytes;
    this.#limit(position - this.#start);
  }

  #limit(bytes: number): void {
    const { session, engine } = this.#context;
    const { normal, pubsub } = engine.host.settings.clientOutputBufferLimit;
    const { hardBytes } = session.subscriptionCount > 0 ? pubsub : normal;
    if (hardBytes > 0 && session.link.outputBytes + bytes >= hardBytes) {
      engine.statistics.outputBufferLimitDisconnections++;
      const text = `Client id=${session.id} closed for overcoming of output buffer limits.`;
      engine.host.log("warning", text);
      session.link.close();
      throw overLimit;
    }
    if (bytes > drawnBytesMax) throw drawnTooLong;
  }
}
