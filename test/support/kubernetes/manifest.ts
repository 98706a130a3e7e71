import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseEnv } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import * as z from "zod";
import type { Env } from "./run-reporter.ts";

export const DOCS = join(import.meta.dirname, "../../../docs/kubernetes");
const read = (file: string) => readFileSync(join(DOCS, file), "utf8");

const Named = z.object({ name: z.string(), namespace: z.string().optional() });
const Kustomization = z.object({
  resources: z.array(z.string()),
  configMapGenerator: z.array(
    Named.extend({ envs: z.array(z.string()).optional(), files: z.array(z.string()).optional() }),
  ),
});
export const kustomization = Kustomization.parse(parse(read("kustomization.yaml")));

/** Every object that `kubectl apply -k` makes, but for the generated ConfigMaps. */
export const objects = kustomization.resources.flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => {
    if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
    return document.toJS() as { apiVersion: string; kind: string; metadata: z.infer<typeof Named> };
  }),
);

function one<T>(kind: string, shape: z.ZodType<T>): T {
  const found = objects.filter((it) => it.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind}`);
  return shape.parse(found[0]);
}

const Texts = z.array(z.string());
export const clusterRole = one(
  "ClusterRole",
  z.strictObject({
    apiVersion: z.literal("rbac.authorization.k8s.io/v1"),
    kind: z.string(),
    metadata: Named,
    rules: z.array(z.strictObject({ apiGroups: Texts, resources: Texts, verbs: Texts })),
  }),
);
export const binding = one(
  "ClusterRoleBinding",
  z.object({
    metadata: Named,
    roleRef: z.object({ apiGroup: z.string(), kind: z.string(), name: z.string() }),
    subjects: z.array(z.strictObject({ kind: z.string(), name: z.string(), namespace: z.string() })),
  }),
);
export const serviceAccount = one(
  "ServiceAccount",
  z.object({ metadata: Named.extend({ annotations: z.record(z.string(), z.string()) }) }),
);

const Container = z.object({
  name: z.string(),
  image: z.string(),
  command: Texts,
  args: Texts.optional(),
  env: z.array(z.unknown()).optional(),
  envFrom: z.array(z.object({ configMapRef: Named })),
  securityContext: z.unknown(),
  resources: z.object({ limits: z.object({ memory: z.string() }) }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean() })),
});
const PodSpec = z.object({
  serviceAccountName: z.string(),
  restartPolicy: z.string(),
  containers: z.tuple([Container]),
  volumes: z.array(z.object({ name: z.string(), configMap: Named })),
});
export const cronJob = one(
  "CronJob",
  z.object({
    metadata: Named,
    spec: z.object({
      schedule: z.string(),
      concurrencyPolicy: z.string(),
      startingDeadlineSeconds: z.number(),
      jobTemplate: z.object({
        spec: z.object({
          backoffLimit: z.number(),
          activeDeadlineSeconds: z.number(),
          template: z.object({ spec: PodSpec }),
        }),
      }),
    }),
  }),
);
export const pod = cronJob.spec.jobTemplate.spec.template.spec;

export function generated(name: string) {
  return kustomization.configMapGenerator.find((it) => it.name === name);
}

/** The settings as the ConfigMap has them, with the values that the repository gives as examples. */
export const settings = parseEnv(read("settings.env")) as Env;

export type RolePolicy = { readonly Statement: readonly { readonly Resource: readonly string[] }[] };
export const rolePolicy = JSON.parse(read("role-policy.json")) as RolePolicy;

/**
 * The ConfigMap with the program as kubelet mounts it: every name a link into a folder that is itself one, so that all files
 * change at once. Answers the container's command with the mount's path replaced.
 */
export function mountedCommand(): readonly string[] {
  const mount = mkdtempSync(join(tmpdir(), "tallyman-reporter-"));
  const version = join(mount, "..2026_11_22");
  mkdirSync(version);
  symlinkSync("..2026_11_22", join(mount, "..data"));
  for (const file of generated("tallyman-reporter")?.files ?? []) {
    copyFileSync(join(DOCS, file), join(version, basename(file)));
    symlinkSync(join("..data", basename(file)), join(mount, basename(file)));
  }
  const [{ command, volumeMounts }] = pod.containers;
  const path = volumeMounts[0]?.mountPath ?? "";
  return command.map((word) => (word.startsWith(`${path}/`) ? mount + word.slice(path.length) : word));
}
