import {
  DEFAULT_TAG,
  type ImageUri,
  parseImageUri,
  splitImageName,
} from "@tallyman/domain/registry/image-uri";
import type { Registry } from "@tallyman/domain/registry/registry";
import { PullError } from "./pull-error.ts";

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\]):\d+$/;

/**
 * Where a task's image comes from: a private registry, which here is one of this cloud's. The bare loopback address is the
 * registry of the task's own account and Region, as it is for whoever pushes there.
 *
 * @throws PullError for every other name: this cloud reaches no network, and a short name means Docker Hub
 */
export function imageSource(image: string, own: Registry): ImageUri {
  const { host, rest } = splitHost(image);
  const named = LOOPBACK.test(host) ? `${own.account}.dkr.ecr.${own.region}.localhost/${rest}` : image;
  const uri = parseImageUri(named);
  if (uri) return uri;
  const { repository, tag = DEFAULT_TAG, digest } = splitImageName(rest);
  throw new PullError({ at: "host", host, repository, reference: digest ?? tag });
}

/** As Docker reads it: the first part is a host when it looks like one. */
function splitHost(image: string): { readonly host: string; readonly rest: string } {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  if (first.includes(".") || first.includes(":") || first === "localhost")
    return { host: first, rest: image.slice(slash + 1) };
  return { host: "docker.io", rest: slash < 0 ? `library/${image}` : image };
}

/** Whether the name is that of an image in ECR: then a task definition for Fargate needs an execution role. */
export function isEcrImage(image: string): boolean {
  return parseImageUri(image) !== undefined;
}
