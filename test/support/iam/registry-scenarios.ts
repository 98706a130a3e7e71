import type { Item } from "../admin-api.ts";
import type { Scenario } from "./ground.ts";

/** Every registry is looked at: its roles, its rules, its exclusion. */
const registriesChecked: Scenario = {
  act: async (ground) => void (await ground.post("/registries/check")),
  async isDone(ground) {
    const items = (await ground.get("/registries"))["items"] as readonly Item[];
    return items.every((item) => (item["check"] as { readonly ok: boolean } | undefined)?.ok === true);
  },
};

export const registryScenarios = {
  registriesChecked,
} satisfies Readonly<Record<string, Scenario>>;
