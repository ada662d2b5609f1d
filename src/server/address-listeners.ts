// The listeners of one transport: one for each address of `bind`, all on the same port.
import type { Listener } from "./net-listener.ts";

export type Transport = "tcp" | "tls" | "unix";

/** A listener could not be opened. */
export class ListenError extends Error {
  override name = "ListenError";
  /** The port that was asked for, and the transport. */
  readonly port: number;
  readonly transport: Transport;

  constructor(error: unknown, place: { readonly port: number; readonly transport: Transport }) {
    super(error instanceof Error ? error.message : String(error), { cause: error });
    this.port = place.port;
    this.transport = place.transport;
  }
}

/** A port and addresses as the configuration names them. */
export interface Place {
  readonly port: number;
  readonly bind: readonly string[];
}

export class AddressListeners {
  readonly transport: "tcp" | "tls";
  readonly #listen: (address: string, port: number) => Promise<Listener>;
  #listeners: Listener[] = [];
  /** What was asked for when the present ones were opened. */
  asked: Place = { port: 0, bind: [] };
  /** The port in force, also where no address is given: the system's choice if any would do. */
  port = 0;

  constructor(
    transport: "tcp" | "tls",
    listen: (address: string, port: number) => Promise<Listener>,
  ) {
    this.transport = transport;
    this.#listen = listen;
  }

  get isOpen(): boolean {
    return this.#listeners.length > 0;
  }

  /** Whether it listens there, or has been told not to listen and does not. */
  isIn({ port, bind }: Place): boolean {
    const { asked } = this;
    const isSame = port === asked.port && bind.join(" ") === asked.bind.join(" ");
    return isSame && (this.isOpen || this.port === 0);
  }

  /** Listens at each address; port 0 is one of the system's choice. Rejects with a ListenError. */
  async open(place: Place, port: number): Promise<void> {
    const opened: Listener[] = [];
    let chosenPort = port;
    for (const entry of place.bind) {
      const isOptional = entry.startsWith("-");
      const address = isOptional ? entry.slice(1) : entry;
      const listener = await this.#listen(address, chosenPort).catch((error: unknown) => {
        if (isOptional && isMissingAddress(error)) return undefined;
        for (const each of opened) each.close();
        throw new ListenError(error, { port, transport: this.transport });
      });
      if (listener === undefined) continue;
      opened.push(listener);
      chosenPort = listener.port;
    }
    this.#listeners = opened;
    this.asked = place;
    this.port = opened[0]?.port ?? port;
  }

  /** Stops accepting; the port can be had at once. What was asked for stays known. */
  close(): void {
    for (const each of this.#listeners) each.close();
    this.#listeners = [];
  }

  /** Closes, and does not listen at this place, whose port is 0. */
  forget(place: Place): void {
    this.close();
    this.asked = place;
    this.port = 0;
  }
}

function isMissingAddress(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT", "ENOTFOUND"].includes(code);
}
