import type { LaunchType } from "../model.ts";

/** What went wrong in a pull, before it is put into the words of whoever pulls. */
export type PullFailure =
  /** GetAuthorizationToken was refused, or the role could not be assumed. */
  | { readonly at: "token"; readonly code: string; readonly message: string; readonly status: number }
  /** The name leads to no registry of this cloud. */
  | { readonly at: "host"; readonly host: string; readonly repository: string; readonly reference: string }
  | {
      readonly at: "manifest" | "layer";
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly url: string;
    }
  | { readonly at: "platform"; readonly platform: string }
  /** The registry did not answer, or not with what it should have. */
  | { readonly at: "content"; readonly message: string }
  /** The agent is older than ECR. */
  | { readonly at: "agent"; readonly url: string };

export class PullError extends Error {
  readonly failure: PullFailure;

  constructor(failure: PullFailure) {
    super(`The pull failed at: ${failure.at}`);
    this.name = "PullError";
    this.failure = failure;
  }
}

/** How often the agent is said to have tried. */
const TRIES = "has been retried 1 time(s)";

/**
 * A task's `stoppedReason` for a failed pull, as Fargate 1.4.0 (containerd) and the EC2 agent (Docker) word it: ECS
 * Developer Guide, "CannotPullContainer task errors", and the agent's issues.
 */
export function stoppedReason(launchType: LaunchType, image: string, failure: PullFailure): string {
  return launchType === "FARGATE" ? fargateReason(image, failure) : dockerReason(image, failure);
}

function fargateReason(image: string, failure: PullFailure): string {
  const manifest = `CannotPullContainerError: pull image manifest ${TRIES}:`;
  switch (failure.at) {
    case "token":
      return `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call ${TRIES}: ${failure.code}: ${failure.message} status code: ${failure.status}`;
    case "host":
      return `${manifest} failed to resolve ref ${fullName(failure)}: ${unreachable(failure)}`;
    case "manifest":
      return failure.status === 404
        ? `${manifest} failed to resolve ref ${image}: ${image}: not found`
        : `${manifest} failed to resolve ref ${image}: unexpected status from GET request to ${failure.url}: ${status(failure.status)}`;
    case "layer":
      return `CannotPullContainerError: ref pull ${TRIES}: failed to copy: httpReadSeeker: failed open: unexpected status code ${failure.url}: ${status(failure.status)}`;
    case "platform":
      return `${manifest} image Manifest does not contain descriptor matching platform '${failure.platform}'`;
    case "content":
      return `CannotPullContainerError: ref pull ${TRIES}: failed to copy: ${failure.message}`;
    case "agent":
      return `CannotPullContainerError: API error (500): Get ${failure.url}: no basic auth credentials`;
  }
}

function dockerReason(image: string, failure: PullFailure): string {
  const daemon = "CannotPullContainerError: Error response from daemon:";
  switch (failure.at) {
    case "token":
      return `CannotPullECRContainerError: ${failure.code}: ${failure.message} status code: ${failure.status}`;
    case "host":
      return dockerUnreachable(daemon, failure);
    case "manifest":
      return `${daemon} ${dockerManifest(image, failure)}`;
    case "layer":
      return failure.status === 404
        ? `${daemon} unknown blob`
        : `${daemon} error pulling image configuration: ${failure.code.toLowerCase()}: ${failure.message}`;
    case "platform":
      return `${daemon} no matching manifest for ${failure.platform} in the manifest list entries`;
    case "content":
      return `${daemon} ${failure.message}`;
    case "agent":
      return `CannotPullContainerError: API error (500): Get ${failure.url}: no basic auth credentials`;
  }
}

function dockerManifest(image: string, failure: PullFailure & { readonly at: "manifest" | "layer" }): string {
  if (failure.code === "NAME_UNKNOWN")
    return `repository ${withoutTag(image)} not found: name unknown: ${failure.message}`;
  if (failure.status === 404) return `manifest for ${image} not found: manifest unknown: ${failure.message}`;
  if (failure.status === 403 || failure.status === 401)
    return `pull access denied for ${withoutTag(image)}, repository does not exist or may require 'docker login': denied: ${failure.message}`;
  return `received unexpected HTTP status: ${status(failure.status)}`;
}

type HostFailure = PullFailure & { readonly at: "host" };

function dockerUnreachable(daemon: string, failure: HostFailure): string {
  return failure.host === "docker.io"
    ? `${daemon} pull access denied for ${failure.repository.replace(/^library\//, "")}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`
    : `${daemon} Get "https://${failure.host}/v2/": dial tcp: lookup ${failure.host}: no such host`;
}

function unreachable({ host, repository, reference }: HostFailure): string {
  return host === "docker.io"
    ? "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
    : `failed to do request: Head "https://${host}/v2/${repository}/manifests/${reference}": dial tcp: lookup ${host}: no such host`;
}

function fullName({ host, repository, reference }: HostFailure): string {
  return `${host}/${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
}

function withoutTag(image: string): string {
  const [name = ""] = image.split("@");
  return name.replace(/:[^/]*$/, "");
}

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

function status(code: number): string {
  return `${code} ${PHRASES[code] ?? ""}`.trim();
}
