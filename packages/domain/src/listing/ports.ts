import type { RepositoryRef } from "../registry/repository.ts";
import type { Listing } from "./listing.ts";

export type ListingStore = {
  /** Overwrites; the same listing gives the same bytes. */
  putListing(listing: Listing): Promise<void>;
  /** `undefined`: there is none. Throws UnreadableListingError. */
  findListing(repository: RepositoryRef): Promise<Listing | undefined>;
};

/**
 * Asks for a repository to be counted again in a minute. However often it is asked for meanwhile, it happens once, and
 * after everything that was recorded before the asking. `heardAt`: ISO 8601, when the event was heard.
 */
export type RecountQueue = { send(repository: RepositoryRef, heardAt: string): Promise<void> };
