/** The message is not an ECR event that we know: it will never become one by being delivered again. */
export class MalformedEventError extends Error {
  readonly code = "MALFORMED_EVENT";

  constructor(problem: string, options?: ErrorOptions) {
    super(`This is no ECR event as EventBridge delivers them: ${problem}`, options);
    this.name = "MalformedEventError";
  }
}
