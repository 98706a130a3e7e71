import type { Place } from "./aws-state.ts";
import type { Registered } from "./resource.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Snapshot = { stack: string; resources: Record<string, Record<string, Record<string, Json>>> };

/** Inputs that hold a JSON document as text. */
const DOCUMENTS = new Set(["assumeRolePolicy", "policy", "eventPattern", "redrivePolicy", "input"]);

/** What says nothing about how the system behaves, or only how SST gets a bundle there. */
const NOISE = new Set([
  "tags",
  "publish",
  "packageType",
  "ephemeralStorage",
  "description",
  "s3Bucket",
  "s3Key",
  "streamEnabled",
  // Of the API's access log.
  "format",
  "SST_KEY",
  "SST_KEY_FILE",
  "SST_RESOURCE_App",
]);

export type Context = {
  readonly own: Place;
  readonly hub: Place;
  /** By function: the folder of its bundle. */
  readonly bundles: ReadonlyMap<string, string>;
};
type Places = Pick<Context, "own" | "hub">;

/** The registered resources as the snapshot states them: AWS's own, sorted, documents as objects, places as tokens. */
export function normalise(stack: string, resources: readonly Registered[], context: Context): Snapshot {
  const snapshot: Snapshot = { stack, resources: {} };
  for (const resource of resources.filter(isOurs)) {
    const { type, name, logicalName } = resource;
    const bundle = type === "aws:lambda/function:Function" ? { bundle: context.bundles.get(name) } : {};
    const ofType = snapshot.resources[type] ?? {};
    if (ofType[logicalName]) throw new Error(`two resources are called ${type} ${logicalName}`);
    snapshot.resources[type] = ofType;
    ofType[logicalName] = tidy({ ...resource.inputs, ...bundle }, context) as Record<string, Json>;
  }
  return sorted(snapshot as unknown as Json) as unknown as Snapshot;
}

/** Not SST's components and providers, nor the archives it uploads for functions. */
function isOurs({ type, parentType }: Registered): boolean {
  const uploaded = type === "aws:s3/bucketObjectv2:BucketObjectv2" && parentType === "sst:aws:Function";
  return type.startsWith("aws:") && !uploaded;
}

function tidy(value: unknown, places: Places, key = ""): Json {
  if (typeof value === "string")
    return DOCUMENTS.has(key) ? tidy(JSON.parse(value), places) : tokens(value, places);
  if (Array.isArray(value)) return value.map((item) => tidy(item, places));
  if (typeof value !== "object" || value === null) return value as Json;
  const kept = Object.entries(value)
    .filter(([name, item]) => !NOISE.has(name) && !isEmpty(item))
    .map(([name, item]) => [name, tidy(item, places, name)]);
  return Object.fromEntries(kept);
}

/** Nothing, `[]`, `{}`: an input that was not given. */
function isEmpty(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0)
  );
}

const ARN = /\barn:aws:([a-z0-9-]*):([a-z0-9-]*|\*):(\d{12}):/g;
const QUEUE_URL = /\bhttps:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com\/(\d{12})\//g;

/** Account and Region are replaced as a pair: a Region alone may be anyone's. */
function tokens(text: string, places: Places): string {
  return text
    .replace(ARN, (_, service: string, region: string, account: string) => {
      const place = tokenised({ account, region }, places);
      return `arn:aws:${service}:${place.region}:${place.account}:`;
    })
    .replace(QUEUE_URL, (_, region: string, account: string) => {
      const place = tokenised({ account, region }, places);
      return `https://sqs.${place.region}.amazonaws.com/${place.account}/`;
    });
}

function tokenised({ account, region }: Place, { own, hub }: Places): Place {
  const [prefix, of] = account === own.account ? ["", own] : ["Hub", hub];
  if (account !== of.account) return { account, region };
  return { account: `\${${prefix}Account}`, region: region === of.region ? `\${${prefix}Region}` : region };
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
