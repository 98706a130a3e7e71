import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Rule } from "./support/kubernetes/kubernetes-api.ts";
import {
  binding,
  clusterRole,
  cronJob,
  DOCS,
  generated,
  kustomization,
  mountedCommand,
  objects,
  pod,
  rolePolicy,
  serviceAccount,
  settings,
} from "./support/kubernetes/manifest.ts";
import { aPod } from "./support/kubernetes/objects.ts";
import { Reporting } from "./support/kubernetes/reporting.ts";
import { NODE, runReporter } from "./support/kubernetes/run-reporter.ts";

let reporting: Reporting;
beforeAll(async () => {
  reporting = await Reporting.start();
});
afterAll(() => reporting?.close());

/** Every single thing that rules allow, by name. */
function allowed(rules: readonly Rule[]): readonly string[] {
  return rules
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource} of "${group}"`)),
      ),
    )
    .toSorted();
}

describe("the role in the cluster", () => {
  test("allows exactly the calls that the reporter makes", async () => {
    const { kubernetes } = reporting;
    kubernetes.objects.set(
      "pods",
      Array.from({ length: 300 }, (_, n) => aPod({ name: `p${n}` }, { containers: [{ image: "x" }] })),
    );
    kubernetes.rules = clusterRole.rules;
    const [, ...args] = mountedCommand();
    const run = await reporting.run({}, { command: [NODE, ...args] });
    expect(run).toMatchObject({ code: 0, stdout: "" });
    const made = kubernetes.calls.map(
      ({ verb, resource, apiGroup }) => `${verb} ${resource} of "${apiGroup}"`,
    );
    expect(allowed(clusterRole.rules)).toEqual([...new Set(made)].toSorted());
  });

  test("is bound to the service account of the pod, and to nobody else", () => {
    expect(binding.roleRef).toEqual({
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: clusterRole.metadata.name,
    });
    const { name, namespace } = serviceAccount.metadata;
    expect(binding.subjects).toEqual([{ kind: "ServiceAccount", name, namespace }]);
    expect(pod.serviceAccountName).toBe(name);
    expect(cronJob.metadata.namespace).toBe(namespace);
    expect(Object.keys(serviceAccount.metadata.annotations)).toEqual(["eks.amazonaws.com/role-arn"]);
  });

  test("and everything else is in a namespace that is made, too", () => {
    const names = objects.filter((it) => it.kind === "Namespace").map((it) => it.metadata.name);
    const used = [...objects, ...kustomization.configMapGenerator.map((metadata) => ({ metadata }))];
    const namespaces = used.map((it) => it.metadata.namespace).filter((it) => it !== undefined);
    expect(new Set(namespaces)).toEqual(new Set(names));
    expect(objects.map((it) => it.kind).toSorted()).toEqual([
      "ClusterRole",
      "ClusterRoleBinding",
      "CronJob",
      "Namespace",
      "ServiceAccount",
    ]);
  });
});

describe("the role in AWS", () => {
  test("allows the two calls that the reporter makes, on the source of the settings", () => {
    const path = `/api/v1/usage/${settings["TALLYMAN_SOURCE"]}`;
    const calls = rolePolicy.Statement.flatMap(({ Resource }) => Resource).map(
      (arn) => arn.split("/$default/")[1],
    );
    expect(calls.toSorted()).toEqual([`GET${path}`, `PUT${path}`]);
    const asked = reporting.server.requests.map((it) => it.split("?")[0]?.replace(" ", ""));
    expect(new Set(asked)).toEqual(new Set(calls));
  });
});

describe("the pod", () => {
  const [container] = pod.containers;

  test("has every file of the program, flat, as its modules import each other", () => {
    const files = readdirSync(join(DOCS, "reporter")).toSorted();
    expect(generated("tallyman-reporter")?.files?.toSorted()).toEqual(files.map((it) => `reporter/${it}`));
    for (const file of files) {
      const text = readFileSync(join(DOCS, "reporter", file), "utf8");
      const imports = [...text.matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? "");
      const foreign = imports.filter((it) => !it.startsWith("node:") && !files.includes(basename(it)));
      expect({ file, foreign }).toEqual({ file, foreign: [] });
    }
    expect(pod.volumes).toMatchObject([{ configMap: { name: "tallyman-reporter" } }]);
    expect(container.volumeMounts.map((it) => it.name)).toEqual(pod.volumes.map((it) => it.name));
  });

  test("is given every setting that the reporter must have, and none that it does not know", async () => {
    expect(container.envFrom).toEqual([{ configMapRef: { name: "tallyman-reporter-settings" } }]);
    expect(generated("tallyman-reporter-settings")?.envs).toEqual(["settings.env"]);
    expect(container.env).toBeUndefined();
    const required = await reporting.run(Object.fromEntries(Object.keys(settings).map((name) => [name, ""])));
    for (const name of Object.keys(settings)) expect(required.stderr).toContain(`${name} is to be`);
    const bare = await runReporter({ ...settings, KUBERNETES_API: "nothing" });
    expect(bare).toMatchObject({ code: 1, stdout: "" });
    expect(bare.stderr).toBe(
      'nothing was reported: KUBERNETES_API is to be an https:// URL, and is "nothing"\n',
    );
  });

  test("fails as a whole: nothing restarts a half run, none overlaps, and five missed ones block nothing", () => {
    const { schedule, concurrencyPolicy, startingDeadlineSeconds, jobTemplate } = cronJob.spec;
    expect(pod.restartPolicy).toBe("Never");
    expect(concurrencyPolicy).toBe("Forbid");
    expect(schedule).toMatch(/^\d+ \* \* \* \*$/);
    // The CronJob controller gives up for good after 100 missed starts, unless it has a deadline.
    expect(startingDeadlineSeconds).toBeGreaterThan(10);
    expect(jobTemplate.spec.activeDeadlineSeconds).toBeLessThan(3600);
  });

  test("may do nothing on its node", () => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.image).toMatch(/^public\.ecr\.aws\/docker\/library\/node:24/);
    expect(pod).not.toHaveProperty("hostNetwork");
  });
});
