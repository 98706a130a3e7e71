/// <reference path="./.sst/platform/config.d.ts" />

// One app, two targets: the hub (default), or with TALLYMAN_TARGET=member what stands in one watched registry
// (TALLYMAN_REGISTRY=<account>/<region>). SST allows no import at the top level of this file.
export default $config({
  async app(input) {
    const { readDeployment } = await import("./stacks/deployment.ts");
    const { appName, at } = readDeployment(process.cwd(), process.env);
    const production = input.stage === "production";
    return {
      name: appName,
      home: "aws",
      removal: production ? "retain" : "remove",
      protect: production,
      // A deployment with another account's credentials stops before it changes anything.
      providers: { aws: { region: at.region as aws.Region, allowedAccountIds: [at.account] } },
    };
  },
  async run() {
    const { readDeployment } = await import("./stacks/deployment.ts");
    const deployment = readDeployment(process.cwd(), process.env);
    if (deployment.target === "member") {
      const { member } = await import("./stacks/member.ts");
      return member(deployment);
    }
    const { hub } = await import("./stacks/hub.ts");
    return hub(deployment);
  },
});
