import type { Caller } from "@tallyman/domain/iam-policy/authorize";

/** A request whose signature has been verified, for one AWS service. `body` is the whole body, at most 8 MiB. */
export type AwsRequest = {
  readonly method: string;
  /** Decoded path without the query, `/` first. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly caller: Caller;
  /** From the access key: the account that is asked. */
  readonly account: string;
  /** From the credential scope. */
  readonly region: string;
  /** IP address of the client. */
  readonly address?: string;
  /** Aborted when the client has gone: a long poll must not hand out messages to nobody. */
  readonly signal?: AbortSignal;
};

export type AwsResponse = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** One emulated AWS service; found by the signing name in the credential scope (`sqs`, `dynamodb`, `s3`, ...). */
export type AwsService = {
  readonly signingName: string;
  /** `CreateFunction`: what a request asks for, of a service that is not addressed by target or action. */
  operationOf?(request: Pick<AwsRequest, "method" | "path">): string | undefined;
  handle(request: AwsRequest): Promise<AwsResponse>;
};

/** A failure as AWS words it; each protocol renders it in its own way (JSON `__type`, XML `<Error>`). */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "AwsError";
    this.code = code;
    this.status = status;
    this.details = details;
  }
}
