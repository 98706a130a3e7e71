import { DEFAULT_PORT } from "../options.ts";
import type { Cloud } from "../start-cloud.ts";

/** What is printed when everything answers: where it is, who one is, what to try. */
export function welcome({ url, port }: Pick<Cloud, "url" | "port">): string {
  const host = `127.0.0.1:${port}`;
  const keys = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test";
  const aws = `${keys} aws --region us-east-1 --endpoint-url ${url}`;
  const tallyman = port === DEFAULT_PORT ? "npx tallyman" : `npx tallyman --endpoint ${url}`;
  return `Tallyman ready on ${url}

  AWS endpoint   ${url}   (aws --endpoint-url, any SDK)
  Registries     ${host}          (the account and Region of the token), or
                 <account>.dkr.ecr.<region>.localhost:${port} where that name resolves
  Admin API      ${url}/api/v1
  Slack          ${url}/_embedded/slack   (messages that were sent)
  Control        ${url}/_embedded/health

  Credentials    test / test     administrator of 111122223333 (us-east-1, us-west-2, eu-central-1)
                 test2 / test2   administrator of 444455556666 (us-east-1)

  Try
    ${aws} ecr describe-repositories
    skopeo copy --src-tls-verify=false --dest-tls-verify=false --src-creds "AWS:$(${aws} ecr get-login-password)" --dest-creds "AWS:$(${aws} ecr get-login-password)" docker://${host}/prod/web:1.4.2 docker://${host}/prod/web:stable
    ${tallyman} images
`;
}
