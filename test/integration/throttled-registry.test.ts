import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deadLetters } from "../chaos/support/dead-letters.ts";
import { faults, injected } from "../chaos/support/faults.ts";
import { reconcile, settle } from "../chaos/support/settle.ts";
import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { credentialsOf, RegistryClient } from "../support/registry-client.ts";
import { heldByInventory, heldByRegistry } from "../support/switches/compare.ts";
import { orRefusal } from "../support/switches/place.ts";
import { until } from "../support/until.ts";

// A registry refuses what comes faster than its quotas: to clients that push, and to the product that reads what they pushed.

/** More than the ten manifests that ECR takes in a second. */
const PUSHES = 25;
/** More than the older burst, fewer than the newer quota of a second. */
const LOGINS = 300;

let product: Embedded;
let client: RegistryClient;
beforeAll(async () => {
  product = await Embedded.start();
  client = await RegistryClient.login(product.url, EAST);
});
afterAll(() => product?.dispose());

test.each(["quotas", "olderTokens"])(
  "with requestRates %s nothing is lost of what was pushed",
  async (requestRates) => {
    const repository = `prod/${requestRates.toLowerCase()}`;
    await createRepository(product.url, EAST, repository);
    await product.control("POST", "switches", { requestRates });
    expect((await refusedLogins()) > 0).toBe(requestRates === "olderTokens");
    const throttled = { rate: 0.3, times: 10, code: "ThrottlingException", status: 400 };
    await faults(product, {
      operations: { "ecr:DescribeImages": throttled, "ecr:BatchGetImage": throttled },
    });
    const refused = await Promise.all(
      Array.from({ length: PUSHES }, (_, n) => pushUntilTaken(repository, `1.0.${n}`)),
    );
    expect(sum(refused)).toBeGreaterThan(0);
    await settle(product);
    const failed = await injected(product);
    expect(failed("ecr:DescribeImages")).toBeGreaterThan(0);
    expect(failed("ecr:BatchGetImage")).toBeGreaterThan(0);
    await faults(product, {});
    const truth = await heldByRegistry(product, EAST, repository);
    expect(truth).toHaveLength(PUSHES);
    expect(await heldByInventory(product, EAST, repository)).toEqual(truth);
    await reconcile(product);
    expect(await heldByInventory(product, EAST, repository)).toEqual(truth);
    expect(await deadLetters(product)).toBe(0);
  },
);

/** How often it was refused before it was taken. */
async function pushUntilTaken(repository: string, tag: string): Promise<number> {
  let refused = -1;
  await until(`${tag} is taken`, async () => {
    refused++;
    const answer = await orRefusal(client.pushImage(repository, tag, `${tag} of ${repository}`));
    if (answer !== "accepted") expect(answer).toBe("429");
    return answer === "accepted";
  });
  return refused;
}

/** How many of many at once were refused, to a client that does not try again. */
async function refusedLogins(): Promise<number> {
  const credentials = credentialsOf(EAST.account);
  const ecr = new ECRClient({ endpoint: product.url, region: EAST.region, credentials, maxAttempts: 1 });
  const answers = await Promise.all(
    Array.from({ length: LOGINS }, () => orRefusal(ecr.send(new GetAuthorizationTokenCommand({})))),
  );
  ecr.destroy();
  const others = answers.filter((answer) => answer !== "accepted");
  for (const answer of others) expect(answer).toBe("ThrottlingException");
  return others.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
