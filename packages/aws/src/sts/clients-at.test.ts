import { expect, test } from "vitest";
import { HUB } from "../../../../test/builders/registry.ts";
import { WIRE_CLIENTS } from "../../../../test/support/collecting.ts";
import { type ClientsOptions, clientsAt } from "./clients-at.ts";

const WEST = { ...HUB, region: "us-west-2" };
const OTHER = { ...HUB, account: "444455556666" };

/** Clients that do nothing but tell which of them were closed. */
function opened(more: Partial<ClientsOptions> = {}) {
  const closed: string[] = [];
  const clients = clientsAt({ ...WIRE_CLIENTS, ...more }, (settings) => ({
    settings,
    destroy: () => void closed.push(settings.region),
  }));
  return { clients, closed };
}

test("there is one client for each account and Region, with that account's credentials", async () => {
  const { clients, closed } = opened();
  const all = [clients(HUB), clients(WEST), clients(OTHER), clients(HUB)];
  expect(new Set(all).size).toBe(3);
  expect(all[3]).toBe(all[0]);
  const keys = await Promise.all(all.map(({ settings }) => settings.credentials()));
  expect(keys.map(({ accessKeyId }) => accessKeyId)).toEqual([
    HUB.account,
    HUB.account,
    OTHER.account,
    HUB.account,
  ]);
  expect(all[1]?.settings).toMatchObject({
    region: "us-west-2",
    maxAttempts: 5,
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  expect(closed).toEqual([]);
});

test("of more than are kept the one that was not asked for longest is closed, and opened again when it is asked", () => {
  const { clients, closed } = opened({ keep: 2 });
  const east = clients(HUB);
  clients(WEST);
  expect(clients(HUB)).toBe(east);
  clients({ ...HUB, region: "eu-central-1" });
  expect(closed).toEqual(["us-west-2"]);
  expect(clients(HUB)).toBe(east);
  clients(WEST);
  expect(closed).toEqual(["us-west-2", "eu-central-1"]);
});
