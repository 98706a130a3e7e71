import type { Cloud } from "../start-cloud.ts";

/** What is printed when everything answers: where it is, who one is, what to try. */
export function welcome({ url, port }: Pick<Cloud, "url" | "port">): string {
  const host = `111122223333.dkr.ecr.us-east-1.localhost:${port}`;
  return `Tallyman ready on ${url}

  AWS endpoint   ${url}            (aws --endpoint-url, any SDK)
  Registry       ${host}
  Admin API      ${url}/api/v1     (OpenAPI: ${url}/api/openapi.json)
  Slack          ${url}/_embedded/slack   (messages that were sent)
  Control        ${url}/_embedded/health

  Credentials    test / test     administrator of 111122223333 (us-east-1, us-west-2, eu-central-1)
                 test2 / test2   administrator of 444455556666 (us-east-1)

  Try
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws ecr describe-repositories --region us-east-1 --endpoint-url ${url}
    skopeo copy --dest-tls-verify=false --dest-creds "AWS:$(AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws ecr get-login-password --region us-east-1 --endpoint-url ${url})" docker://public.ecr.aws/docker/library/alpine:latest docker://${host}/prod/web:1.0.0
    npx tallyman images
`;
}
