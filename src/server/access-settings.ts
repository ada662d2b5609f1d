// Keeps access control to the parameters that concern it, now and whenever they change.
import type { AccessControl } from "../engine/access/access-control.ts";
import type { Config } from "./config/config.ts";

export function applyAccessSettings(config: Config, access: AccessControl): void {
  const { values } = config;
  const apply = (): undefined => {
    access.allowsChannelsAtFirst = values.aclPubsubDefault === "allchannels";
    access.log.lengthMax = values.acllogMaxLen;
  };
  const setPassword = (): undefined => {
    access.setDefaultPassword(values.requirepass);
  };
  apply();
  // With no password in the configuration the default user is what it is.
  if (values.requirepass !== "") setPassword();
  config.onChange("acl-pubsub-default", apply);
  config.onChange("acllog-max-len", apply);
  config.onChange("requirepass", setPassword);
}
