// The TLS context in force: made of the configuration at start, again when CONFIG SET changes or
// names one of its parameters, and when a file that it was read from changes on disk. A context
// that cannot be made leaves the earlier one in force and says why in the log.
//
// Files are looked at once a second. A change is acted on when a second look finds nothing newer,
// since a certificate and its key are two files that are replaced one after the other.
import { stat } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { systemClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import type { ParameterName } from "./config/parameters.ts";
import type { Log } from "./log.ts";
import type { TlsAcceptor } from "./tls-acceptor.ts";
import type { TlsContext } from "./tls-context.ts";
import { TlsError, cachesSessions, fileSignature, readTlsContext } from "./tls-context.ts";
import { TlsSessionCache } from "./tls-session-cache.ts";

const lookMs = 1000;

const refusal = "Unable to update TLS configuration. Check server logs.";

const names: readonly ParameterName[] = [
  "tls-cert-file",
  "tls-key-file",
  "tls-key-file-pass",
  "tls-client-cert-file",
  "tls-client-key-file",
  "tls-client-key-file-pass",
  "tls-dh-params-file",
  "tls-ca-cert-file",
  "tls-ca-cert-dir",
  "tls-auth-clients",
  "tls-protocols",
  "tls-ciphers",
  "tls-ciphersuites",
  "tls-prefer-server-ciphers",
  "tls-session-caching",
  "tls-session-cache-size",
  "tls-session-cache-timeout",
  "tls-replication",
  "tls-cluster",
];

export interface TlsSettingsOptions {
  readonly config: Config;
  readonly log: Log;
  readonly acceptor: TlsAcceptor;
  /** TLS is wanted whatever the configuration says: a library's server on a port of any number. */
  readonly isWanted: boolean;
}

export class TlsSettings {
  readonly #options: TlsSettingsOptions;
  #context: TlsContext | undefined;
  /** What the files looked like when the context was made, and at the last look. */
  #used = "";
  #seen = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TlsSettingsOptions) {
    this.#options = options;
    const apply = (): string | undefined => this.#apply();
    for (const name of names) options.config.onChange(name, apply);
  }

  /** Whether anything of the configuration needs TLS. */
  get isWanted(): boolean {
    const { tlsPort, tlsReplication, tlsCluster } = this.#options.config.values;
    return this.#options.isWanted || tlsPort !== 0 || tlsReplication || tlsCluster;
  }

  /**
   * Makes a context if there is none; answers with what went wrong, which then stands in the log.
   */
  configure(): TlsError | undefined {
    return this.#context === undefined ? this.#make() : undefined;
  }

  /** For CONFIG SET of a parameter that needs a context: the reason why there is none. */
  ensure(): string | undefined {
    return this.configure() === undefined ? undefined : refusal;
  }

  #apply(): string | undefined {
    if (!this.isWanted) {
      // What was read before is not what the parameters say now.
      this.#context = undefined;
      return undefined;
    }
    return this.#make() === undefined ? undefined : refusal;
  }

  #make(): TlsError | undefined {
    const { config, log, acceptor } = this.#options;
    const { values } = config;
    try {
      const context = readTlsContext(values);
      const cache = new TlsSessionCache({
        sessionsMax: values.tlsSessionCacheSize,
        lifetimeSeconds: values.tlsSessionCacheTimeout,
        nowMs: () => systemClock.monotonicUs() / 1000,
      });
      acceptor.use(context.server, cachesSessions(values) ? cache : undefined);
      this.#context = context;
      this.#used = [...context.files.values()].join("\n");
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      log.warning(error.message);
      return error;
    }
    this.#watch();
    return undefined;
  }

  /**
   * For a connection that the server itself makes (node:tls's `connect` takes it): our certificate,
   * and the peer's must be vouched for by an authority of ours. The name in it is not looked at, as
   * in Redis. Undefined when there is no context.
   */
  connectOptions(host: string): ConnectionOptions | undefined {
    if (this.#context === undefined) return undefined;
    return {
      secureContext: this.#context.client,
      rejectUnauthorized: true,
      checkServerIdentity: () => undefined,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    };
  }

  #watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, lookMs);
    // It must not keep a process alive that has nothing else to do.
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const context = this.#context;
    if (context === undefined) return;
    const found = await signaturesOf([...context.files.keys()]);
    // The end may have come in between, or CONFIG SET.
    if (this.#context === undefined) return;
    this.#watch();
    if (context !== this.#context) return;
    if (found !== this.#used && found === this.#seen) this.#reload(found);
    this.#seen = found;
  }

  #reload(found: string): void {
    const { log } = this.#options;
    const failure = this.#make();
    if (failure === undefined) {
      log.notice("TLS: files have changed, new connections use what they hold now");
    } else log.warning("TLS: files have changed and cannot be used, what they held stays in force");
    this.#used = found;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#context = undefined;
  }
}

async function signaturesOf(files: readonly string[]): Promise<string> {
  const found = files.map((file) => stat(file).then(fileSignature, () => "gone"));
  return (await Promise.all(found)).join("\n");
}
