/** The text is no lifecycle policy. The message is what ECR says after "Lifecycle policy validation failure: ". */
export class InvalidLifecyclePolicyError extends Error {
  readonly code = "INVALID_LIFECYCLE_POLICY";

  constructor(problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.name = "InvalidLifecyclePolicyError";
  }
}
