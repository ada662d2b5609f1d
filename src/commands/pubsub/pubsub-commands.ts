// The group `pubsub`.
import type { CommandDeclaration } from "../../engine/command.ts";
import { publish, spublish } from "./publish.ts";
import { pubsub } from "./pubsub.ts";
import {
  psubscribe,
  punsubscribe,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
} from "./subscribe.ts";

export const pubsubCommands: readonly CommandDeclaration[] = [
  publish,
  pubsub,
  psubscribe,
  punsubscribe,
  spublish,
  ssubscribe,
  subscribe,
  sunsubscribe,
  unsubscribe,
];
