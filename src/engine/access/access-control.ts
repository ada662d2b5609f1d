// Users and what they may do: who a session is, and whether its requests are allowed.
//
// A session whose user may do everything, as the default user may unless told otherwise, is never
// looked at: only one of a restricted user has the gate bit that leads here. Whoever changes a
// user's rules does it through this class, which keeps those bits true.
import type { Slices } from "../../bytes/slices.ts";
import { Failure } from "../../keyspace/failure.ts";
import { describeClient } from "../client-description.ts";
import type { Engine } from "../engine.ts";
import { sessionGate } from "../gate.ts";
import type { RegisteredCommand } from "../registered-command.ts";
import type { Session } from "../session.ts";
import type { AccessContext, DenialReason } from "./access-log.ts";
import { AccessLog } from "./access-log.ts";
import { channelsLeft, exceeds } from "./channel-revocation.ts";
import { PermissionCheck, verdict } from "./permission-check.ts";
import { CommandDirectory } from "./selector-rules.ts";
import type { User } from "./user.ts";
import type { UserList } from "./user-list.ts";
import { parseUserList } from "./user-list.ts";
import type { RuleContext } from "./user-rules.ts";
import {
  applyRules,
  isUserName,
  joinSelectors,
  newDefaultUser,
  newUser,
  userLine,
} from "./user-rules.ts";

const keyDenied = new Failure("NOPERM No permissions to access a key");
const channelDenied = new Failure("NOPERM No permissions to access a channel");
const reasonOf: readonly DenialReason[] = ["command", "command", "key", "channel"];
/** Why a command of a transaction was refused when it was to run, by verdict. */
const lateReasons = [
  "",
  "no permission to execute the command or subcommand",
  "no permission to touch the specified keys",
  "no permission to access one of the channels used as arguments",
];

export class AccessControl implements RuleContext {
  readonly commands: CommandDirectory;
  readonly permissions: PermissionCheck;
  readonly log = new AccessLog();
  readonly defaultUser: User;
  /** `acl-pubsub-default`. */
  allowsChannelsAtFirst = false;
  readonly #engine: Engine;
  #users: Map<string, User>;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.commands = new CommandDirectory(engine.registered);
    this.permissions = new PermissionCheck(engine.registered);
    this.defaultUser = newDefaultUser(this);
    this.#users = new Map([["default", this.defaultUser]]);
  }

  hash(secret: Uint8Array): string {
    return this.#engine.host.hashSecret(secret);
  }

  /** All users, by the bytes of their names. */
  get users(): readonly User[] {
    return [...this.#users.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The user of a name (Latin-1). */
  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** Lines as they stand in a file of users, one a user. */
  get lines(): string[] {
    return this.users.map((each) => userLine(each));
  }

  /** Whether who has not logged in may do nothing but that. */
  get isLoginNeeded(): boolean {
    return !this.defaultUser.needsNoPassword || !this.defaultUser.isOn;
  }

  /** Makes a session one of a client that has not logged in. */
  begin(session: Session): void {
    this.#assume(session, this.defaultUser);
    session.isAuthenticated = !this.isLoginNeeded;
  }

  #assume(session: Session, user: User): void {
    session.user = user;
    if (user.isRestricted) session.gates |= sessionGate.restricted;
    else session.gates &= ~sessionGate.restricted;
  }

  /**
   * Whether the password is the user's; then the session is that user's from now on. `verb` is the
   * command that asks, for the log.
   */
  authenticate(
    session: Session,
    login: { readonly name: string; readonly password: Uint8Array; readonly verb: string },
  ): boolean {
    const user = this.#users.get(login.name);
    if (user !== undefined && user.isOn && this.#isPassword(user, login.password)) {
      this.#assume(session, user);
      session.isAuthenticated = true;
      return true;
    }
    this.#note(session, "auth", contextOf(this.#engine, session), login.verb, login.name);
    return false;
  }

  #isPassword(user: User, password: Uint8Array): boolean {
    if (user.needsNoPassword) return true;
    const hash = this.hash(password);
    return user.passwords.some((each) => isSameHash(each, hash));
  }

  /**
   * `requirepass`: the default user's only password from now on (Latin-1); none is needed when it
   * is empty.
   */
  setDefaultPassword(password: string): void {
    const rule = password === "" ? "nopass" : `>${password}`;
    applyRules(this.defaultUser, ["resetpass", rule], this);
  }

  /**
   * Why a session of a restricted user may not run a request, if it may not; that is logged. The
   * commands of a script are asked for with the context `lua`.
   */
  refusal(
    session: Session,
    command: RegisteredCommand,
    args: Slices,
    context?: AccessContext,
  ): Failure | undefined {
    const answer = this.permissions.check(session.user, command, args);
    if (answer === verdict.allowed) return undefined;
    if (context !== "lua") session.lastCommand = command;
    const place = context ?? contextOf(this.#engine, session);
    this.#noteVerdict(session, answer, place, command, args);
    return failureOf(answer, session.user, command);
  }

  /** Whether a session may run a request; what it is told is not logged. */
  mayRun(session: Session, command: RegisteredCommand, args: Slices): boolean {
    if ((session.gates & sessionGate.restricted) === 0 || session.isReplay) return true;
    return this.permissions.check(session.user, command, args) === verdict.allowed;
  }

  /** The same for a command that a transaction has queued and now is to run. */
  lateRefusal(session: Session, command: RegisteredCommand, args: Slices): Failure | undefined {
    const isRestricted = (session.gates & sessionGate.restricted) !== 0 && !session.isReplay;
    if (!isRestricted) return undefined;
    const answer = this.permissions.check(session.user, command, args);
    if (answer === verdict.allowed) return undefined;
    session.lastCommand = this.#engine.current;
    this.#noteVerdict(session, answer, "multi", command, args);
    return new Failure(
      "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC " +
        "call. This command is no longer allowed for the following reason: " +
        lateReasons[answer],
    );
  }

  /** What a user would be told of a request, in the words of ACL DRYRUN; undefined: it may run. */
  explain(user: User, command: RegisteredCommand, args: Slices): string | undefined {
    const answer = this.permissions.check(user, command, args);
    if (answer === verdict.allowed) return undefined;
    if (answer === verdict.command) return commandDenied(user, command);
    const object = args.latin1(this.permissions.deniedIndex);
    return `User ${user.name} has no permissions to access the '${object}' ${reasonOf[answer]}`;
  }

  /** Whether a session may do what `needed` (of `permission`) says with every key there may be. */
  allowsEveryKey(
    session: Session,
    command: RegisteredCommand,
    args: Slices,
    needed: number,
  ): boolean {
    if ((session.gates & sessionGate.restricted) === 0 || session.isReplay) return true;
    return this.permissions.allowsEveryKey(session.user, command, args, needed);
  }

  #noteVerdict(
    session: Session,
    answer: number,
    context: AccessContext,
    command: RegisteredCommand,
    args: Slices,
  ): void {
    const isCommand = answer === verdict.command;
    const object = isCommand ? command.fullName : args.latin1(this.permissions.deniedIndex);
    this.#note(session, reasonOf[answer], context, object, session.user.name);
  }

  #note(
    session: Session,
    reason: DenialReason,
    context: AccessContext,
    object: string,
    userName: string,
  ): void {
    const engine = this.#engine;
    const clientInfo = describeClient(engine, session);
    this.log.add(
      { reason, context, object, userName },
      Math.floor(engine.keyspace.nowMs),
      clientInfo,
    );
  }

  /**
   * ACL SETUSER: changes a user, or makes one, by all of the rules or none. The error without its
   * code when there is one.
   */
  setUser(name: string, words: readonly string[]): string | undefined {
    const rules = joinSelectors(words);
    if (typeof rules === "number") {
      return `Unmatched parenthesis in acl selector starting at '${words[rules]}'.`;
    }
    const known = this.#users.get(name);
    const next = newUser(this, name);
    if (known !== undefined) next.assign(known);
    const wrong = applyRules(next, rules, this);
    if (wrong !== undefined) {
      return `Error in ACL SETUSER modifier '${wrong.rule}': ${wrong.error}`;
    }
    if (known === undefined) {
      this.#users.set(name, next);
      return undefined;
    }
    const left = channelsLeft(next, known);
    known.assign(next);
    for (const session of this.#sessionsOf(known)) {
      if (left !== undefined && exceeds(session, left)) this.#expel(session);
      else this.#assume(session, known);
    }
    return undefined;
  }

  /**
   * A user of the configuration file, which has nothing but these rules, whatever it was before;
   * the line to log when one of them is wrong.
   */
  defineUser(name: string, rules: readonly string[]): string | undefined {
    if (!isUserName(name)) return "Spaces not allowed in ACL usernames";
    const user = newUser(this, name);
    const wrong = applyRules(user, rules, this);
    if (wrong !== undefined) {
      return `Error loading ACL rule '${wrong.rule}' for the user named '${name}': ${wrong.error}`;
    }
    if (name === "default") this.defaultUser.assign(user);
    else this.#users.set(name, user);
    return undefined;
  }

  /** ACL DELUSER: the user's clients are disconnected; false when there is no such user. */
  deleteUser(name: string): boolean {
    const user = this.#users.get(name);
    if (user === undefined) return false;
    this.#users.delete(name);
    for (const session of this.#sessionsOf(user)) this.#expel(session);
    return true;
  }

  /** Reads the content of a file of users, called `file` in errors. Nothing changes yet. */
  parseUsers(content: string, file: string): UserList {
    return parseUserList(content, file, this);
  }

  /**
   * Puts these users in the place of all that there are. Clients whose user is not among them, or
   * who listen to what theirs may not hear any more, are disconnected.
   */
  replaceUsers(users: ReadonlyMap<string, User>): void {
    // Redis differs: it looks at the default user's old rights when they are the new ones already.
    const oldDefault = newUser(this, "default");
    oldDefault.assign(this.defaultUser);
    const before = new Map([...this.#users, ["default", oldDefault]]);
    this.defaultUser.assign(users.get("default") ?? newDefaultUser(this));
    this.#users = new Map([...users, ["default", this.defaultUser]]);
    for (const session of this.#engine.sessions.values()) {
      if (session.isReplay) continue;
      const user = this.#users.get(session.userName);
      const old = before.get(session.userName);
      const left = user && old && channelsLeft(user, old);
      const isExpelled = user === undefined || (left !== undefined && exceeds(session, left));
      if (isExpelled) this.#expel(session);
      else this.#assume(session, user);
    }
  }

  #sessionsOf(user: User): Session[] {
    return [...this.#engine.sessions.values()].filter((each) => each.user === user);
  }

  /** Closes a connection, the one that asks for it after its reply. */
  #expel(session: Session): void {
    this.#assume(session, this.defaultUser);
    session.isAuthenticated = false;
    if (this.#engine.currentSession === session) session.link.closeAfterReply();
    else session.link.close();
  }
}

function contextOf(engine: Engine, session: Session): AccessContext {
  return session.transaction !== undefined || engine.isInTransaction ? "multi" : "toplevel";
}

function commandDenied(user: User, command: RegisteredCommand): string {
  return `User ${user.name} has no permissions to run the '${command.fullName}' command`;
}

function failureOf(answer: number, user: User, command: RegisteredCommand): Failure {
  if (answer === verdict.key) return keyDenied;
  if (answer === verdict.channel) return channelDenied;
  return new Failure(`NOPERM ${commandDenied(user, command)}`);
}

/** Takes the same time wherever they differ. */
function isSameHash(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index++) {
    difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  }
  return difference === 0;
}
