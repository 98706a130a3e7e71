/** The admin API: every route is authorised by IAM (execute-api:Invoke), none is public. */
export function createApi(fn: sst.aws.Function): sst.aws.ApiGatewayV2 {
  const api = new sst.aws.ApiGatewayV2("Admin", { cors: false, accessLog: { retention: "1 month" } });
  api.route("ANY /api/{proxy+}", fn.arn, { name: "Api", auth: { iam: true } });
  return api;
}
