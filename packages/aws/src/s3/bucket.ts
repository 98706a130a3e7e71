import { AwsClient } from "aws4fetch";

/** Where the bucket is. `endpoint`: another place than AWS (`AWS_ENDPOINT_URL`), then with the bucket in the path. */
export type BucketLocation = {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string;
};

export type BucketCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

export type Bucket = {
  /** The object's bytes; throws BucketError, also when there is none. */
  get(key: string): Promise<Uint8Array>;
  /** Stores an object unless there is one under the key; says whether it did. */
  putNew(key: string, contentType: string, bytes: Uint8Array): Promise<boolean>;
};

/** The bucket refused or could not be reached. */
export class BucketError extends Error {
  readonly code = "BUCKET_ERROR";

  constructor(what: string, options?: ErrorOptions) {
    super(`${what}; the object is neither known nor stored, try again.`, options);
    this.name = "BucketError";
  }
}

const TIMEOUT_MS = 5_000;

/**
 * Two operations of S3 over signed fetch: the SDK's S3 client is larger than all other clients of a function together.
 * Throttling and 5xx are retried, three times in all.
 */
export function openBucket(location: BucketLocation, credentials: () => Promise<BucketCredentials>): Bucket {
  async function request(method: string, key: string, init: RequestInit = {}): Promise<Response> {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: "s3",
      region: location.region,
      retries: 2,
    });
    try {
      return await client.fetch(urlOf(location, key), {
        ...init,
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new BucketError(`${method} ${key} got no answer`, { cause });
    }
  }

  return {
    async get(key) {
      const response = await request("GET", key);
      if (!response.ok) throw await refused("GET", key, response);
      return new Uint8Array(await response.arrayBuffer());
    },
    async putNew(key, contentType, bytes) {
      const headers = { "content-type": contentType, "if-none-match": "*" };
      const response = await request("PUT", key, { headers, body: new Uint8Array(bytes) });
      if (response.status === 412) return false;
      if (!response.ok) throw await refused("PUT", key, response);
      return true;
    },
  };
}

function urlOf({ bucket, region, endpoint }: BucketLocation, key: string): string {
  const path = key.split("/").map(encodeURIComponent).join("/");
  if (endpoint) return `${endpoint.replace(/\/$/, "")}/${bucket}/${path}`;
  return `https://${bucket}.s3.${region}.amazonaws.com/${path}`;
}

async function refused(method: string, key: string, response: Response): Promise<BucketError> {
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(await response.text())?.[1] ?? "no code";
  return new BucketError(`${method} ${key} was answered ${response.status} (${code})`);
}
