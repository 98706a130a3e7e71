import {
  type SignedAnswer,
  type SignedRequest,
  type SigningCredentials,
  signedHttp,
} from "../signed-http.ts";

/** Where the bucket is. `endpoint`: another place than AWS (`AWS_ENDPOINT_URL`), then with the bucket in the path. */
export type BucketLocation = {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string;
};

export type Bucket = {
  /** The object's bytes; throws BucketError, also when there is none. */
  get(key: string): Promise<Uint8Array>;
  /** The object's bytes, if there is one. S3 says so only to whoever may list the bucket, and `refused` to all others. */
  find(key: string): Promise<Uint8Array | undefined>;
  /** Stores an object, whatever is under the key. */
  put(key: string, contentType: string, bytes: Uint8Array): Promise<void>;
  /** Stores an object unless there is one under the key; says whether it did. */
  putNew(key: string, contentType: string, bytes: Uint8Array): Promise<boolean>;
};

/** Where also something is thrown away: what was kept only until some work was done. */
export type ErasableBucket = Bucket & {
  /** The object is gone, or was never there. */
  erase(key: string): Promise<void>;
};

/** The bucket refused or could not be reached. */
export class BucketError extends Error {
  readonly code = "BUCKET_ERROR";

  constructor(what: string, options?: ErrorOptions) {
    super(`${what}; the object is neither known nor stored, try again.`, options);
    this.name = "BucketError";
  }
}

/** GetObject, PutObject and DeleteObject: the SDK's S3 client is larger than all other clients of a function together. */
export function openBucket(
  location: BucketLocation,
  credentials: () => Promise<SigningCredentials>,
): ErasableBucket {
  const { region } = location;
  const send = signedHttp({ service: "s3", region, credentials });

  async function request(method: Method, key: string, more: Content = {}): Promise<SignedAnswer> {
    try {
      return await send({ method, url: urlOf(location, key), ...more });
    } catch (cause) {
      throw new BucketError(`${method} ${key} got no answer`, { cause });
    }
  }

  return {
    async get(key) {
      const answer = await request("GET", key);
      if (answer.status !== 200) throw refused("GET", key, answer);
      return answer.bytes;
    },
    async find(key) {
      const answer = await request("GET", key);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refused("GET", key, answer);
      return answer.bytes;
    },
    async put(key, contentType, bytes) {
      const answer = await request("PUT", key, { headers: { "content-type": contentType }, body: bytes });
      if (answer.status !== 200) throw refused("PUT", key, answer);
    },
    async putNew(key, contentType, bytes) {
      const headers = { "content-type": contentType, "if-none-match": "*" };
      const answer = await request("PUT", key, { headers, body: bytes });
      if (answer.status === 412) return false;
      if (answer.status !== 200) throw refused("PUT", key, answer);
      return true;
    },
    async erase(key) {
      const answer = await request("DELETE", key);
      if (answer.status !== 204) throw refused("DELETE", key, answer);
    },
  };
}

type Method = SignedRequest["method"];
type Content = Pick<SignedRequest, "headers" | "body">;

function urlOf({ bucket, region, endpoint }: BucketLocation, key: string): string {
  const path = key.split("/").map(encodeURIComponent).join("/");
  if (endpoint) return `${endpoint.replace(/\/$/, "")}/${bucket}/${path}`;
  return `https://${bucket}.s3.${region}.amazonaws.com/${path}`;
}

function refused(method: string, key: string, { status, bytes }: SignedAnswer): BucketError {
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(new TextDecoder().decode(bytes))?.[1] ?? "no code";
  return new BucketError(`${method} ${key} was answered ${status} (${code})`);
}
