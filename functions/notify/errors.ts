/** Slack asks to wait: nothing was posted. */
export class SlackRateLimitedError extends Error {
  readonly code = "SLACK_RATE_LIMITED";
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number, options?: ErrorOptions) {
    super(`Slack asks to wait ${retryAfterSeconds} s before the next message to this channel.`, options);
    this.name = "SlackRateLimitedError";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Slack could not be asked, or failed on its side. Whether the message was posted is not known. */
export class SlackUnavailableError extends Error {
  readonly code = "SLACK_UNAVAILABLE";

  constructor(detail: string, options?: ErrorOptions) {
    super(`Slack gave no usable answer (${detail}); the message comes back.`, options);
    this.name = "SlackUnavailableError";
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  channel_not_found:
    "correct notify.slack.channel in tallyman.yaml, or invite the app to the private channel",
  not_in_channel: "invite the app to the channel",
  is_archived: "unarchive the channel or name another in tallyman.yaml",
  invalid_auth: "put a valid bot token (xoxb-...) into the token parameter",
  not_authed: "put a valid bot token (xoxb-...) into the token parameter",
  account_inactive: "put the token of an active app into the token parameter",
  token_revoked: "put a new bot token (xoxb-...) into the token parameter",
  token_expired: "put a new bot token (xoxb-...) into the token parameter",
  missing_scope: "give the app the scope chat:write and install it again",
  no_permission: "give the app the scope chat:write and install it again",
};

/** Slack refused the message and would refuse it again: a person must act, then redrive the dead letters. */
export class SlackRefusedError extends Error {
  readonly code = "SLACK_REFUSED";
  /** Slack's own error code, `channel_not_found`. */
  readonly slackError: string;

  constructor(slackError: string, options?: ErrorOptions) {
    const remedy = REMEDIES[slackError] ?? "look the code up in Slack's documentation of chat.postMessage";
    super(
      `Slack refused the message with ${slackError}: ${remedy}, then move it back with "tallyman dlq redrive".`,
      options,
    );
    this.name = "SlackRefusedError";
    this.slackError = slackError;
  }
}

/** The token parameter holds no Slack token. */
export class SlackTokenMissingError extends Error {
  readonly code = "SLACK_TOKEN_MISSING";

  constructor(parameter: string) {
    super(
      `The SSM parameter ${parameter} holds no Slack token. Create a Slack app with the scope chat:write, install it, then: aws ssm put-parameter --overwrite --type SecureString --name ${parameter} --value xoxb-...`,
    );
    this.name = "SlackTokenMissingError";
  }
}
