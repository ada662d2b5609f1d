// The users of a server where they are kept: in a file of their own (`aclfile`), or in the lines
// `user ...` of the configuration file. Never in both: nobody could say which of them counts.
import * as path from "node:path";
import type { AccessControl } from "../engine/access/access-control.ts";
import type { UserFile } from "../engine/host.ts";
import type { Config } from "./config/config.ts";
import { FileError } from "./config/config-files.ts";
import { fromByteString, quoteText, toByteString } from "./config/text.ts";

const usersTwice =
  "Configuring Redis with users defined in redis.conf and at the same setting an ACL file path " +
  "is invalid. This setup is very likely to lead to configuration errors and security holes, " +
  "please define either an ACL file or declare users directly in your redis.conf, but not both.";

export class AclFile implements UserFile {
  readonly #config: Config;
  readonly #access: AccessControl;
  readonly #warn: (text: string) => void;

  constructor(config: Config, access: AccessControl, warn: (text: string) => void) {
    this.#config = config;
    this.#access = access;
    this.#warn = warn;
  }

  get isConfigured(): boolean {
    return this.#config.values.aclfile !== "";
  }

  get #path(): string {
    const { dir, aclfile } = this.#config.values;
    return path.resolve(dir, aclfile);
  }

  /**
   * What CONFIG REWRITE writes behind `user` for each of them. In a configuration file quotes mean
   * something, in a file of users they do not.
   */
  get configLines(): string[] {
    return this.#access.lines.map((line) => {
      const [, ...words] = fromByteString(line).split(" ");
      return words.map((word) => (/^$|["']/.test(word) ? quoteText(word) : word)).join(" ");
    });
  }

  load(): string | undefined {
    const { aclfile } = this.#config.values;
    let content: string;
    try {
      content = toByteString(this.#config.files.read(this.#path));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return `Error loading ACLs, opening file '${aclfile}': ${error.reason}`;
    }
    const users = this.#access.parseUsers(content, toByteString(aclfile));
    if (typeof users === "string") return users;
    this.#access.replaceUsers(users);
    return undefined;
  }

  save(): boolean {
    const content = this.#access.lines.map((line) => `${line}\n`).join("");
    try {
      this.#config.files.replace(this.#path, fromByteString(content));
      return true;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.#warn(`Writing ACL file for ACL SAVE: ${error.reason}`);
      return false;
    }
  }

  /** Makes the users that the configuration asks for; the lines to log why it could not. */
  loadAtStart(notice: (text: string) => void): string[] {
    const { users } = this.#config;
    if (this.isConfigured && users.length > 0) return [usersTwice];
    for (const [name, ...rules] of users) {
      const reason = this.#access.defineUser(toByteString(name), rules.map(toByteString));
      if (reason !== undefined) return [reason, "Critical error while loading ACLs. Exiting."];
      if (this.#access.find(toByteString(name))?.isOn === true) continue;
      notice(
        `The user '${name}' is disabled (there is no 'on' modifier in the user description). ` +
          "Make sure this is not a configuration error.",
      );
    }
    const errors = this.isConfigured ? this.load() : undefined;
    return errors === undefined ? [] : [`Aborting Redis startup because of ACL errors: ${errors}`];
  }
}
