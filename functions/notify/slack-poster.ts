import {
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from "@slack/web-api";
import {
  SlackRateLimitedError,
  SlackRefusedError,
  SlackTokenMissingError,
  SlackUnavailableError,
} from "./errors.ts";
import type { SlackMessage } from "./slack-message.ts";

/** Posts one message; throws SlackRateLimitedError, SlackUnavailableError, SlackRefusedError, SlackTokenMissingError. */
export type SlackPoster = { post(message: SlackMessage): Promise<void> };

export type SlackOptions = {
  /** `https://slack.com/api/` or, embedded, a local sink. */
  readonly apiUrl: string;
  /** Name of the SecureString, for messages to people. */
  readonly tokenParameter: string;
  readToken(): Promise<string>;
};

const REQUEST_TIMEOUT_MS = 10_000;
/** Platform errors that say "not now" rather than "not like this". */
const TRANSIENT = new Set([
  "fatal_error",
  "internal_error",
  "ratelimited",
  "rate_limited",
  "request_timeout",
  "service_unavailable",
  "team_added_to_org",
]);
const TOKEN_ERRORS = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
]);

/** The client's own retries are off: how long to wait is decided where the queue's timeouts are known. */
export function slackPoster(options: SlackOptions): SlackPoster {
  let client: WebClient | undefined;
  return {
    post: async (message) => {
      client ??= await connect(options);
      try {
        await client.chat.postMessage({
          ...message,
          mrkdwn: false,
          parse: "none",
          link_names: false,
          unfurl_links: false,
          unfurl_media: false,
        });
      } catch (error) {
        // A token that was replaced in the meantime is read again with the next message.
        if (error instanceof WebAPIPlatformError && TOKEN_ERRORS.has(error.data.error)) client = undefined;
        throw translate(error);
      }
    },
  };
}

async function connect(options: SlackOptions): Promise<WebClient> {
  const token = await options.readToken();
  if (isSlack(options.apiUrl) && !token.startsWith("xox"))
    throw new SlackTokenMissingError(options.tokenParameter);
  return new WebClient(token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: REQUEST_TIMEOUT_MS,
    logLevel: LogLevel.ERROR,
  });
}

/** Only Slack itself needs a real token: the embedded cloud's sink takes whatever the deployment declared. */
function isSlack(apiUrl: string): boolean {
  const { hostname } = new URL(apiUrl);
  return hostname === "slack.com" || hostname.endsWith(".slack.com");
}

/** Without `cause` where the client's error would carry the request: nothing of the token may reach a log. */
function translate(error: unknown): Error {
  if (error instanceof WebAPIRateLimitedError) return new SlackRateLimitedError(error.retryAfter);
  if (error instanceof WebAPIPlatformError) {
    const slackError = error.data.error;
    return TRANSIENT.has(slackError)
      ? new SlackUnavailableError(slackError)
      : new SlackRefusedError(slackError);
  }
  if (error instanceof WebAPIHTTPError) return new SlackUnavailableError(`HTTP ${error.statusCode}`);
  if (error instanceof WebAPIRequestError)
    return new SlackUnavailableError("no connection", { cause: error.original });
  return new SlackUnavailableError("unexpected", { cause: error });
}
