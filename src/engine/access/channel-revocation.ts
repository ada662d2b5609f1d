// Which subscribers must go when a user's channels are changed: those who listen to something that
// is not allowed any more. The rules are those of getUpcomingChannelList and
// ACLShouldKillPubsubClient in Redis's src/acl.c.
import { asciiBytes } from "../../bytes/ascii.ts";
import type { Session } from "../session.ts";
import type { ChannelPattern } from "./selector.ts";
import { allowsChannel } from "./selector.ts";
import type { User } from "./user.ts";

/**
 * The channels that are left when `before` becomes `next`; undefined when nothing is taken away.
 */
export function channelsLeft(next: User, before: User): readonly ChannelPattern[] | undefined {
  if (next.selectors.some((each) => each.allChannels)) return undefined;
  const left = next.selectors.flatMap((each) => each.channels);
  const isKept = before.selectors.every(
    ({ allChannels, channels }) =>
      !allChannels && channels.every(({ text }) => left.some((each) => each.text === text)),
  );
  return isKept ? undefined : left;
}

/** Whether the session listens to anything that is not among the channels. */
export function exceeds({ subscriptions }: Session, channels: readonly ChannelPattern[]): boolean {
  if (subscriptions === undefined) return false;
  const { channel, shard, pattern } = subscriptions;
  const isDenied = (name: string, kind: "channel" | "pattern"): boolean =>
    !allowsChannel(channels, kind, asciiBytes(name), 0, name.length);
  return (
    [...pattern].some((name) => isDenied(name, "pattern")) ||
    [...channel, ...shard].some((name) => isDenied(name, "channel"))
  );
}
