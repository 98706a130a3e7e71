import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gather } from "../docs/kubernetes/reporter/gather.mts";
import { RESOURCES } from "../docs/kubernetes/reporter/resources.mts";
import { readSettings } from "../docs/kubernetes/reporter/settings.mts";
import { status } from "./support/kubernetes/kubernetes-api.ts";
import { aDeployment, aPod, aReplicaSet, ownedBy } from "./support/kubernetes/objects.ts";
import { Reporting } from "./support/kubernetes/reporting.ts";
import { aTokenFile } from "./support/kubernetes/run-reporter.ts";

const pods = (count: number, image = (n: number) => `web:${n}`) =>
  Array.from({ length: count }, (_, n) => aPod({ name: `p${n}` }, { containers: [{ image: image(n) }] }));

let reporting: Reporting;
beforeEach(async () => {
  reporting = await Reporting.start();
  reporting.kubernetes.objects.set("pods", pods(600));
});
afterEach(() => reporting.close());

const gathering = () => gather({ url: new URL(reporting.kubernetes.url), tokenFile: aTokenFile() });

const named = RESOURCES.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));

describe("nothing is reported when", () => {
  test.each(named)("%s may not be listed", async (resource) => {
    const { kubernetes } = reporting;
    kubernetes.rules = named
      .filter((it) => it !== resource)
      .map((it) => ({ apiGroups: ["*"], resources: [it], verbs: ["list"] }));
    const why = new RegExp(
      `${resource} could not be listed: 403 ${resource} is forbidden: .*Apply docs/kubernetes/rbac.yaml`,
    );
    await expect(gathering()).rejects.toThrow(why);
  });

  test("one of the lists may not be seen, or a connection breaks", async () => {
    const { kubernetes } = reporting;
    kubernetes.instead = (resource, page) => (resource === "pods" && page === 2 ? "hang up" : undefined);
    reporting.expectNothingReported(await reporting.run(), /api\/v1\/pods: (socket hang up|.*ECONNRESET)/);
    kubernetes.rules = kubernetes.rules.map((rule) => ({ ...rule, apiGroups: ["apps", "batch"] }));
    reporting.expectNothingReported(await reporting.run(), /pods could not be listed: 403/);
  });

  test("the service account's token is not accepted", async () => {
    const run = await reporting.run({ KUBERNETES_TOKEN_FILE: aTokenFile("expired") });
    reporting.expectNothingReported(run, /cronjobs could not be listed: 401 Unauthorized/);
  });

  test.each<[string, ReturnType<typeof status> | "hang up", RegExp]>([
    [
      "the server is in trouble",
      status(500, "InternalError", "etcdserver: request timed out"),
      /500 etcdserver: request timed out/,
    ],
    ["the server asks to wait", status(429, "TooManyRequests", "too many requests"), /429 too many requests/],
    ["the connection breaks", "hang up", /socket hang up|ECONNRESET/],
    ["a page is no JSON", { status: 200, body: "<html>" }, /not JSON: <html>/],
    ["a page is cut short", { status: 200, body: '{"kind":"PodList","items":[{"metadata":' }, /not JSON/],
    [
      "a page is a Status",
      { status: 200, body: { kind: "Status", status: "Success" } },
      /something else than a PodList/,
    ],
    [
      "a page is of another kind",
      { status: 200, body: { kind: "JobList", items: [] } },
      /something else than a PodList/,
    ],
    [
      "a page has no items",
      { status: 200, body: { kind: "PodList", metadata: {} } },
      /something else than a PodList/,
    ],
    [
      "a page's items are none",
      { status: 200, body: { kind: "PodList", items: null } },
      /something else than a PodList/,
    ],
    [
      "an item is no pod",
      { status: 200, body: { kind: "PodList", items: [{ metadata: { name: "x", namespace: "y" } }] } },
      /pod\/y\/x is no Pod/,
    ],
    [
      "an item has no name",
      { status: 200, body: { kind: "PodList", items: [null] } },
      /without kind, namespace or name/,
    ],
    ["the server sends it elsewhere", { status: 302, body: "" }, /could not be listed: 302/],
  ])("half way through the pods %s", async (_, reply, why) => {
    reporting.kubernetes.instead = (resource, page) =>
      resource === "pods" && page === 2 ? reply : undefined;
    reporting.expectNothingReported(await reporting.run(), why);
  });

  test("a list goes in circles", async () => {
    const body = {
      kind: "PodList",
      metadata: { continue: Buffer.from('{"offset":0}').toString("base64url") },
      items: [],
    };
    reporting.kubernetes.instead = (resource) => (resource === "pods" ? { status: 200, body } : undefined);
    reporting.expectNothingReported(await reporting.run(), /same page for ever/);
  });

  test("there are more uses than a report takes", async () => {
    const image = (n: number) => `web:${n}`;
    reporting.kubernetes.objects.set("pods", { length: 20_001, at: (n) => pods(1, () => image(n))[0] });
    reporting.expectNothingReported(await reporting.run(), /more than 20000 different uses/);
  });

  test("they are more bytes than a report takes", async () => {
    const image = (n: number) => `${"a".repeat(250)}/web:${n}`;
    reporting.kubernetes.objects.set("pods", { length: 15_000, at: (n) => pods(1, () => image(n))[0] });
    reporting.expectNothingReported(
      await reporting.run(),
      /the report has \d{7} bytes, and the API takes 5242880/,
    );
  });

  test.each([
    ["TALLYMAN_ENDPOINT", "http://tallyman.example.com", /TALLYMAN_ENDPOINT is to be an https:\/\/ URL/],
    ["TALLYMAN_ENDPOINT", "", /TALLYMAN_ENDPOINT is to be an https:\/\/ URL, and is not set/],
    ["TALLYMAN_SOURCE", "a/b", /TALLYMAN_SOURCE is to be .*, and is "a\/b"/],
    ["TALLYMAN_CLUSTER", "", /TALLYMAN_CLUSTER is to be the name of the cluster, and is not set/],
    ["TALLYMAN_SCOPE", "a#b", /TALLYMAN_SCOPE is to be a name/],
    ["TALLYMAN_ACCOUNT", "4444", /TALLYMAN_ACCOUNT is to be the account/],
    ["AWS_REGION", "moon", /AWS_REGION is to be/],
    ["KUBERNETES_API", "http://10.0.0.1:8080", /KUBERNETES_API is to be an https:\/\/ URL/],
  ])("%s is %s", (name, value, why) => {
    expect(() => readSettings(reporting.env, [])).not.toThrow();
    expect(() => readSettings({ ...reporting.env, [name]: value }, [])).toThrow(why);
  });

  test.each([
    ["KUBERNETES_TOKEN_FILE", "/nowhere/token", /ENOENT.*\/nowhere\/token/],
    ["KUBERNETES_CA_FILE", "/nowhere/ca.crt", /ENOENT.*\/nowhere\/ca.crt/],
    ["KUBERNETES_API", "http://127.0.0.1:1", /127\.0\.0\.1:1\/apis\/batch\/v1\/cronjobs: .*ECONNREFUSED/],
    [
      "TALLYMAN_ENDPOINT",
      "http://127.0.0.1:1",
      /GET http:\/\/127\.0\.0\.1:1\/api\/v1\/usage\/kubernetes: .*ECONNREFUSED/,
    ],
  ])("%s is %s", async (name, value, why) => {
    reporting.expectNothingReported(await reporting.run({ [name]: value }), why);
  });

  test("several settings are wrong: all are said at once", async () => {
    const run = await reporting.run({ TALLYMAN_ACCOUNT: "", AWS_REGION: "" }, { args: ["--now"] });
    reporting.expectNothingReported(run, /--now: there is only --dry-run; .*AWS_REGION.*; TALLYMAN_ACCOUNT/);
  });

  test("it is only tried", async () => {
    const { items, complete, scope, said } = await reporting.dryRun({ TALLYMAN_SCOPE: "eks/shop" });
    expect({ items: items.length, complete, scope }).toEqual({
      items: 600,
      complete: true,
      scope: "eks/shop",
    });
    expect(said).toContain("not sent: 600 uses");
    expect(reporting.server.requests).toEqual(["GET /api/v1/usage/kubernetes?limit=100"]);
  });
});

describe("a list that the server does not remember any more", () => {
  const askedForPods = () => reporting.kubernetes.requests.filter((it) => it.includes("/pods?"));

  test("is begun anew, and what it had said is forgotten", async () => {
    const { kubernetes } = reporting;
    let compactions = 0;
    kubernetes.instead = (resource, page) => {
      if (resource !== "pods" || page !== 2 || compactions > 0) return undefined;
      compactions++;
      kubernetes.objects.set(
        "pods",
        pods(300, (n) => `new:${n}`),
      );
      kubernetes.compact();
      return undefined;
    };
    const { items } = await reporting.dryRun();
    expect(items.map((it) => it.image)).toEqual(Array.from({ length: 300 }, (_, n) => `new:${n}`));
    expect(askedForPods().map((it) => it.includes("continue="))).toEqual([false, true, false, true]);
  });

  test("time and again is given up", async () => {
    const { kubernetes } = reporting;
    kubernetes.instead = (resource, page) => {
      if (resource === "pods" && page === 2) kubernetes.compact();
      return undefined;
    };
    reporting.expectNothingReported(
      await reporting.run(),
      /pods: 410 The provided continue parameter is too old/,
    );
    expect(askedForPods()).toHaveLength(6);
  });

  test("before its first page is given up at once", async () => {
    const gone = status(410, "Expired", "too old resource version");
    reporting.kubernetes.instead = (resource) => (resource === "pods" ? gone : undefined);
    reporting.expectNothingReported(await reporting.run(), /pods could not be listed: 410/);
    expect(askedForPods()).toHaveLength(1);
  });
});

describe("a list", () => {
  test("is of one moment, whatever changes while it is read", async () => {
    const { kubernetes } = reporting;
    kubernetes.instead = (resource, page) => {
      if (resource === "pods" && page === 2) kubernetes.objects.set("pods", []);
      return undefined;
    };
    expect((await reporting.dryRun()).items).toHaveLength(600);
  });

  test("of what creates comes before that of what it creates: a rollout in between hides nothing", async () => {
    const { kubernetes } = reporting;
    const replicaSet = (image: string, revision: number) =>
      aReplicaSet(
        { name: `web-${revision}`, owner: ownedBy("Deployment", "web") },
        { containers: [{ image }] },
        { revision },
      );
    const roll = (image: string, revision: number) => {
      kubernetes.objects.set("deployments", [aDeployment({ name: "web" }, { containers: [{ image }] })]);
      kubernetes.objects.set(
        "replicasets",
        Array.from({ length: revision }, (_, n) =>
          replicaSet(n + 1 === revision ? image : `old:${n + 1}`, n + 1),
        ),
      );
    };
    kubernetes.objects.set("pods", []);
    roll("old:1", 1);
    kubernetes.instead = (resource) => {
      if (resource === "deployments") roll("new:2", 2);
      return undefined;
    };
    const { items } = await reporting.dryRun();
    expect(new Set(items.map((it) => it.image))).toEqual(new Set(["old:1", "new:2"]));
    expect(new Set(items.map((it) => it.service))).toEqual(new Set(["deployment/shop/web"]));
  });
});

test("of a Deployment's old ReplicaSets so many count as its own limit says", async () => {
  const { kubernetes } = reporting;
  const limit = { revisionHistoryLimit: 1 };
  const now = { containers: [{ image: "web:3" }] };
  kubernetes.objects.set("pods", []);
  kubernetes.objects.set("deployments", [aDeployment({ name: "web" }, now, limit)]);
  const owner = ownedBy("Deployment", "web");
  kubernetes.objects.set(
    "replicasets",
    [1, 2, 3].map((revision) =>
      aReplicaSet(
        { name: `web-${revision}`, owner },
        { containers: [{ image: `web:${revision}` }] },
        { revision },
      ),
    ),
  );
  const { uses } = await gathering();
  expect(new Set(uses.map((it) => it.image))).toEqual(new Set(["web:2", "web:3"]));
});

test("pods that ended are one use, which ended with the last of them, or of which nobody knows when", async () => {
  const owner = ownedBy("Job", "nightly");
  const ended = (name: string, finishedAt?: string) =>
    aPod(
      { name, owner },
      { containers: [{ image: "web:1" }] },
      { phase: "Failed", ...(finishedAt && { finishedAt }) },
    );
  const known = [
    ended("a", "2026-11-22T01:00:00Z"),
    ended("b", "2026-11-22T03:00:00Z"),
    ended("c", "2026-11-22T02:00:00Z"),
  ];
  const usesOf = async (list: readonly object[]) => {
    reporting.kubernetes.objects.set("pods", list);
    return (await gathering()).uses;
  };
  const use = { image: "web:1", kind: "stopped", service: "job/shop/nightly" };
  expect(await usesOf(known)).toEqual([{ ...use, seenAt: "2026-11-22T03:00:00Z" }]);
  for (const list of [
    [...known, ended("evicted")],
    [ended("evicted"), ...known],
  ])
    expect(await usesOf(list)).toEqual([use]);
});

test("a cluster of 100 MB is read with 48 MB of memory", async () => {
  const annotations = { padding: "x".repeat(10_000) };
  const containers = [{ image: "web:1" }];
  const pod = aPod({ name: "p", owner: ownedBy("ReplicaSet", "web") }, { containers });
  const at = (n: number) => ({ ...pod, metadata: { ...pod.metadata, name: `p${n}`, annotations } });
  reporting.kubernetes.objects.set("pods", { length: 10_000, at });
  const run = await reporting.run({ NODE_OPTIONS: "--max-old-space-size=48" });
  expect(run).toMatchObject({ code: 0 });
  expect(run.stderr).toContain("1 uses of images");
  expect(run.stderr).toContain("10000 pods");
});

test("what nobody can pull is left out and said, on one line each", async () => {
  reporting.kubernetes.objects.set(
    "pods",
    pods(3, (n) => ["${IMAGE}", "Bad\nname", "web:1"][n] ?? ""),
  );
  const { items, said } = await reporting.dryRun();
  expect(items.map((it) => it.image)).toEqual(["web:1"]);
  expect(said.split("\n").slice(0, 2)).toEqual([
    'left out: "${IMAGE}" of pod/shop/p0 is no name of an image: nothing can be pulled by it',
    'left out: "Bad?name" of pod/shop/p1 is no name of an image: nothing can be pulled by it',
  ]);
});
