import type { Registry } from "@tallyman/domain/registry/registry";
import { Snapshot } from "./snapshot.ts";
import { TopologyError } from "./topology-error.ts";

/** Replaces `${Account}`, `${Region}` by where the stack stands and `${HubAccount}`, `${HubRegion}` by where the hub stands. */
export function resolveTokens(snapshot: Snapshot, at: Registry, hub: Registry): Snapshot {
  const values: Readonly<Record<string, string>> = {
    Account: at.account,
    Region: at.region,
    HubAccount: hub.account,
    HubRegion: hub.region,
  };
  const unknown = new Set<string>();
  const resolved = JSON.stringify(snapshot).replace(/\$\{(\w+)\}/g, (token, name: string) => {
    if (!Object.hasOwn(values, name)) unknown.add(token);
    return values[name] ?? token;
  });
  if (unknown.size > 0)
    throw new TopologyError([...unknown].map((token) => `${snapshot.stack}: unknown token ${token}`));
  return Snapshot.parse(JSON.parse(resolved));
}
