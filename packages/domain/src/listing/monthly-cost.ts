/** USD for a GB-month, by storage class (the policy's `inventory.prices`). */
export type StoragePrices = { readonly standardPerGbMonth: number; readonly archivePerGbMonth: number };

/** Bytes as they are billed: `archivedBytes` is a part of `billedBytes`. */
export type BilledBytes = { readonly billedBytes: number; readonly archivedBytes: number };

/**
 * A GB of the bill. AWS's own worked example turns byte-hours into GB-months by 1,073,741,824
 * (https://aws.amazon.com/s3/faqs/, "How will I be charged and billed for my use of Amazon S3?"); for ECR it publishes none.
 */
const GB = 2 ** 30;

/** What storing these bytes for a whole month costs, in USD, not rounded. Requests, transfer and retrieval are not in it. */
export function monthlyCost({ billedBytes, archivedBytes }: BilledBytes, prices: StoragePrices): number {
  const standard = (billedBytes - archivedBytes) / GB;
  return standard * prices.standardPerGbMonth + (archivedBytes / GB) * prices.archivePerGbMonth;
}
