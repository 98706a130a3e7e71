import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { endAnswer } from "../oci/request-body.ts";

/** A refusal in the words of S3. */
export class S3Error extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of the error. */
  readonly details: Readonly<Record<string, string>>;
  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "S3Error";
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Nothing in an element comes from the request, so nothing has to be escaped. */
export function sendS3Error(req: IncomingMessage, res: ServerResponse, error: S3Error): void {
  const requestId = randomUUID();
  const elements = { Code: error.code, Message: error.message, ...error.details, RequestId: requestId };
  const inner = Object.entries(elements).map(([name, text]) => `<${name}>${text}</${name}>`);
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner.join("")}</Error>`);
  res.writeHead(error.status, {
    "Content-Type": "application/xml",
    "Content-Length": body.byteLength,
    "x-amz-request-id": requestId,
  });
  endAnswer(req, res, body);
}
