/** The bytes are no manifest that we understand. What refers to what is unknown, so nothing is concluded from them. */
export class UnreadableManifestError extends Error {
  readonly code = "UNREADABLE_MANIFEST";
  readonly digest: string;

  constructor(digest: string, problem: string, options?: ErrorOptions) {
    super(`Manifest ${digest} cannot be read: ${problem}`, options);
    this.name = "UnreadableManifestError";
    this.digest = digest;
  }
}
