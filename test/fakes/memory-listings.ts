import type { Listing } from "@tallyman/domain/listing/listing";
import type { ListingStore } from "@tallyman/domain/listing/ports";
import { inRepository } from "./fenced-map.ts";

/** Listings as the bucket would keep them: the last one written stays. */
export function memoryListings(): ListingStore & {
  /** Called before a listing is stored: write something else to play another worker. */
  before: ((listing: Listing) => Promise<void>) | undefined;
} {
  const listings = new Map<string, Listing>();
  return {
    before: undefined,
    async putListing(listing) {
      await this.before?.(listing);
      listings.set(inRepository(listing), structuredClone(listing));
    },
    findListing: async (repository) => structuredClone(listings.get(inRepository(repository))),
  };
}
