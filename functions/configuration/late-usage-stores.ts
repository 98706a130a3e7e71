import type { UsageStores } from "../api/deps.ts";
import type { UsagePlaces } from "./usage-stores.ts";

/** Where usage is kept, loaded by the first request that asks. */
export function lateUsageStores(places: UsagePlaces): () => Promise<UsageStores> {
  let opened: Promise<UsageStores> | undefined;
  return () => {
    opened ??= import("./usage-stores.ts").then(({ usageStores }) => usageStores(places));
    return opened;
  };
}
