import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { Faults } from "../../faults/faults.ts";
import { AwsError, type AwsRequest } from "../../http/aws-service.ts";
import type { EcsFleet } from "../ecs/ecs-fleet.ts";
import type { ScannedImages } from "./scanned-images.ts";

export type InspectorOptions = {
  readonly fleet: EcsFleet;
  readonly images: ScannedImages;
  readonly authorize: Authorize;
  readonly faults: Pick<Faults, "failure">;
  readonly now: () => Date;
};

/** Reads the body. @throws AwsError ValidationException, or BadRequestException for what is no JSON */
export function inputOf<Shape extends z.ZodType>(shape: Shape, { body }: AwsRequest): z.infer<Shape> {
  const parsed = shape.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new AwsError("ValidationException", z.prettifyError(parsed.error));
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new AwsError("BadRequestException", "The request body is not JSON.");
  }
}

/** A page's token names the last of it: the next one goes on behind. */
export function tokenOf(last: string): string {
  return Buffer.from(last).toString("base64url");
}

export function lastOf(nextToken: string | undefined): string {
  return nextToken === undefined ? "" : Buffer.from(nextToken, "base64url").toString();
}

export function seconds(time: Date): number {
  return time.getTime() / 1000;
}
