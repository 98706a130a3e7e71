import type { Switches } from "./switches.ts";

/** `perSecond` come in at any time, and `burst` of them at once after a pause. */
type Rate = { readonly perSecond: number; readonly burst: number };

/** Amazon ECR service quotas, calls per second of one account in one Region; other operations have none that is published. */
const PER_SECOND: Readonly<Record<string, number>> = {
  BatchCheckLayerAvailability: 1_000,
  BatchGetImage: 2_000,
  CompleteLayerUpload: 100,
  GetAuthorizationToken: 500,
  GetDownloadUrlForLayer: 3_000,
  InitiateLayerUpload: 100,
  PutImage: 10,
  UploadLayerPart: 500,
};
/** A5. What an older page says of GetAuthorizationToken, with the one burst that AWS ever told. */
const OLDER_TOKENS: Rate = { perSecond: 20, burst: 200 };

export type RatedCall = { readonly account: string; readonly region: string; readonly operation: string };

type Bucket = { readonly left: number; readonly at: number };

/** More than there are accounts and Regions here; the map must not grow with what callers make up. */
const MOST_BUCKETS = 10_000;

/** One token bucket for each account, Region and operation, on the registry's clock. */
export class RequestRates {
  readonly #buckets = new Map<string, Bucket>();

  /** Whether there was room for one more call now; it then counts. */
  take({ account, region, operation }: RatedCall, quotas: Switches["requestRates"], now: Date): boolean {
    const rate = rateOf(operation, quotas);
    if (rate === undefined) return true;
    const key = `${account} ${region} ${operation}`;
    const left = this.#leftIn(key, rate, now.getTime());
    if (this.#buckets.size >= MOST_BUCKETS) this.#buckets.clear();
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: now.getTime() });
    return left >= 1;
  }

  /** A clock that was set back refills nothing. */
  #leftIn(key: string, { perSecond, burst }: Rate, now: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return burst;
    const seconds = Math.max(0, now - bucket.at) / 1000;
    return Math.min(burst, bucket.left + seconds * perSecond);
  }
}

/** A bucket holds what comes in within a second, where AWS tells no burst. */
function rateOf(operation: string, quotas: Switches["requestRates"]): Rate | undefined {
  if (quotas === "olderTokens" && operation === "GetAuthorizationToken") return OLDER_TOKENS;
  const perSecond = Object.hasOwn(PER_SECOND, operation) ? PER_SECOND[operation] : undefined;
  return perSecond === undefined ? undefined : { perSecond, burst: perSecond };
}
