import type { IncomingMessage, ServerResponse } from "node:http";
import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { Registry } from "@tallyman/domain/registry/registry";
import { createTokenCheck } from "./auth/authorization-token.ts";
import { createPermits } from "./auth/permit.ts";
import { createAdmission, type FaultSource } from "./core/admission.ts";
import { type Collected, createCollector } from "./core/collect-garbage.ts";
import { type Change, type Core, DEFAULT_LIMITS, type Limits } from "./core/core.ts";
import { groupCommits } from "./core/group-commits.ts";
import { type Load, LoadCounter } from "./core/load.ts";
import { createPendingPulls, type PendingPulls } from "./core/pending-pulls.ts";
import { writePulls } from "./core/pull-time.ts";
import { Restores } from "./core/restores.ts";
import { createManifestSigner } from "./core/schema1-signature.ts";
import { SwitchBoard, type SwitchChanges, type Switches } from "./core/switches.ts";
import { createDownloads } from "./downloads/downloads.ts";
import { serveDownload } from "./downloads/serve-download.ts";
import { type ApiRequest, type ApiResponse, callApi } from "./ecr-api/call-api.ts";
import { trailedCall } from "./ecr-api/trailed-call.ts";
import type { EcrEvent } from "./ecr-event.ts";
import { referrerEvents } from "./events/referrer-events.ts";
import { addressed } from "./events/trail/service-event.ts";
import { createTrail, type HearsCalls } from "./events/trail/trail.ts";
import { type LifecycleRun, runLifecycle } from "./lifecycle/run-lifecycle.ts";
import { handleOci } from "./oci/handle-oci.ts";
import { type ReplicationWorker, startReplicationWorker } from "./replication/worker.ts";
import { createLayerLeases } from "./storage/layer-leases.ts";
import { secret } from "./storage/registry-settings.ts";
import { clearStorage, openStorage, type Storage, sweepBlobs } from "./storage/storage.ts";

export type { Load } from "./core/load.ts";
export { isLayerDownload } from "./downloads/layer-url.ts";
export type { EcrEvent } from "./ecr-event.ts";
export type { LifecycleRun } from "./lifecycle/run-lifecycle.ts";

export type OpenRegistryOptions = {
  /** Everything is kept below it; created when missing. One process at a time. */
  readonly directory: string;
  /** The clock of images, tokens and events. It may be set forward and back. */
  readonly now: () => Date;
  /** Unique ids, safe as file names (UUIDs): upload sessions. */
  readonly newId: () => string;
  /** Asked at every request, on `/v2` as on the API. */
  readonly authorize: Authorize;
  /**
   * Whether there is a principal that a policy names: `arn:aws:iam::<account>:role/ci`, an account, a unique id. Anybody
   * unless given.
   */
  readonly isPrincipal?: (name: string) => boolean;
  /** Hears of each event after what it tells of is on the disk, in order. Must not throw. */
  readonly emit: (event: EcrEvent) => void;
  /** Which registry's API calls are written down as CloudTrail does; none unless given. Asked at every call: must be quick. */
  readonly hearsCalls?: HearsCalls;
  /** After every committed write. */
  readonly onChange?: () => void;
  /** Errors of ours: the client got a 500, or a replication failed. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
  /** Scheme and host at which a registry serves `/v2`; default `https://<account>.dkr.ecr.<region>.amazonaws.com`. */
  readonly endpoint?: (account: string, region: string) => string;
  /**
   * Scheme and host of the URLs of GetDownloadUrlForLayer; that server hands what `isLayerDownload` knows to
   * `serveDownload`. Default: where the registry of the call serves `/v2`.
   */
  readonly downloadEndpoint?: () => string;
  /**
   * Hears that an image is being restored from the archive, and when the next restore ends: the registry has no timers, so
   * whoever embeds it calls `completeRestores` then. Also said when it is opened.
   */
  readonly onRestoring?: (until: Date) => void;
  /**
   * Asked before each call of the API, and each that a request under `/v2` stands for, by the operation's name: what to
   * answer instead. For those who try out how clients bear throttling and outages.
   */
  readonly fault?: FaultSource;
  /**
   * Waited for before each call of the API is looked at, by the operation's name: for those who try out how clients bear
   * slow answers, and how many they have under way.
   */
  readonly slow?: (operation: string) => Promise<void> | undefined;
  readonly limits?: Partial<Limits>;
  /** What AWS does not document, where it is to be other than by default. */
  readonly switches?: Partial<Switches>;
};

/** All registries of all accounts and Regions: they come into being by being asked. */
export type EcrRegistry = {
  /** One call of the ECR API whose signature was verified. Never rejects. */
  callApi(request: ApiRequest): Promise<ApiResponse>;
  /** One request under `/v2`. Never rejects. The server must not cut long uploads (`requestTimeout: 0`). */
  handleOci(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /**
   * Runs lifecycle policies: `all` at once, or those that are `due`, a day after their last run or their being set. The
   * registry has no timers: whoever embeds it asks for what is due, once an hour or so. Requests are answered meanwhile; a
   * second run begins when the first has ended.
   */
  runLifecycle(which: "all" | "scheduled"): Promise<readonly LifecycleRun[]>;
  /** One request for a URL of GetDownloadUrlForLayer (`isLayerDownload`), which needs no other credentials. Never rejects. */
  serveDownload(req: IncomingMessage, res: ServerResponse): Promise<void>;
  /**
   * Removes abandoned uploads, layers that no image uses and files that nothing knows any more. For the same hour as
   * `runLifecycle`; pushes go on meanwhile. A second call joins the one under way.
   */
  collectGarbage(): Promise<Collected>;
  /** Ends the restores whose time has come, as every request does too. Answers with when the next one ends. */
  completeRestores(): Date | undefined;
  /** Calls of the API that are under way, by the caller's account and the Region. */
  load(): readonly Load[];
  /** From now on the most that were under way is counted anew. */
  forgetPeaks(): void;
  switches(): Switches;
  /** Takes effect with the next request. Throws a ZodError for what is no switch, or none of its values. */
  setSwitches(changes: SwitchChanges): void;
  /** Resolves when nothing is left to replicate. */
  idle(): Promise<void>;
  /** Empties everything and sets switches as they were when it was opened; tokens that were issued stay valid. */
  reset(): Promise<void>;
  close(): Promise<void>;
};

/** Opens the embedded registry, and takes up replication where the last run left it. */
export async function openRegistry(options: OpenRegistryOptions): Promise<EcrRegistry> {
  const { authorize, now, onError = console.error } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const switches = new SwitchBoard(options.switches);
  const storage = await openStorage(options.directory, {
    newId: options.newId,
    maxBytes: limits.maxLayerBytes,
    maxOpen: limits.maxOpenUploads,
  });
  const { onRestoring = () => undefined } = options;
  const restores = new Restores({ core: () => core, onRestoring, onError });
  const onWritten = () => {
    worker.wake();
    restores.look();
  };
  const pulls = createPendingPulls(() => {
    try {
      writePulls(core);
    } catch (error) {
      onError(error);
    }
  });
  const core: Core = createCore(storage, { ...options, limits, switches, pulls, onWritten });
  const trail = createTrail({ now, emit: options.emit, hears: options.hearsCalls ?? (() => false) });
  const worker: ReplicationWorker = startReplicationWorker({ core, trail, onError });
  const tokenSecret = core.change(({ sql }) => secret(sql, "authorization-token"));
  const permits = createPermits(core.sql, authorize);
  worker.wake();
  const downloads = createDownloads(
    core.change(({ sql }) => secret(sql, "layer-download")),
    options.downloadEndpoint ?? endpointOf(options),
  );
  let lifecycle: Promise<unknown> = Promise.resolve();
  const collector = createCollector(core, () => sweepBlobs(storage.database, storage.blobs));
  const endpoint = endpointOf(options);
  const checkToken = createTokenCheck(tokenSecret);
  const admit = createAdmission({ now, fault: options.fault, switches: () => switches.current });
  const load = new LoadCounter();
  const deps = { admit, trail, core, permits, secret: tokenSecret, checkToken, downloads, onError, endpoint };
  return {
    callApi(request) {
      const { account } = request.caller;
      return load.during({ account, region: request.region }, async () => {
        const slow = options.slow?.(request.operation);
        if (slow !== undefined) await slow;
        restores.complete();
        writePulls(core);
        return trailedCall(trail, request, () => callApi(deps, request));
      });
    },
    handleOci(req, res) {
      restores.complete();
      return handleOci(deps, req, res);
    },
    runLifecycle(which) {
      const run = lifecycle.then(() => {
        restores.complete();
        writePulls(core);
        return runLifecycle({ core, onError }, which);
      });
      lifecycle = run.catch(() => undefined); // Whoever asked for it hears of its error.
      return run;
    },
    serveDownload: (req, res) => serveDownload(deps, req, res),
    collectGarbage: () => collector.collect(),
    completeRestores: () => restores.complete(),
    load: () => load.show(),
    forgetPeaks: () => load.forgetPeaks(),
    switches: () => switches.current,
    setSwitches: (changes) => switches.set(changes),
    idle: () => worker.idle(),
    async reset() {
      await worker.idle();
      await collector.ended();
      await lifecycle;
      switches.restore();
      pulls.forget();
      load.forgetPeaks();
      await clearStorage(storage);
      restores.look();
    },
    async close() {
      await worker.stop();
      await collector.ended();
      await lifecycle;
      await storage.uploads.clear();
      writePulls(core);
      pulls.forget();
      storage.database.close();
    },
  };
}

type CoreOptions = Pick<OpenRegistryOptions, "now" | "emit" | "onChange" | "isPrincipal"> & {
  readonly limits: Limits;
  readonly switches: SwitchBoard;
  readonly pulls: PendingPulls;
  readonly onWritten: () => void;
};

function createCore({ database, blobs, uploads }: Storage, options: CoreOptions): Core {
  function change<T>(work: (change: Change) => T): T {
    const outbox: EcrEvent[] = [];
    const made = {
      sql: database.sql,
      now: options.now(),
      limits: options.limits,
      switches: options.switches.current,
      emit(event: EcrEvent) {
        const { current } = options.switches;
        outbox.push(...referrerEvents(addressed(event, current), current));
      },
    };
    const result = database.transaction(() => {
      options.pulls.write(database.sql);
      return work(made);
    });
    options.pulls.forget();
    for (const event of outbox) options.emit(event);
    options.onWritten();
    options.onChange?.();
    return result;
  }
  return {
    sql: database.sql,
    blobs,
    uploads,
    leases: createLayerLeases(options.limits.layerLease),
    pulls: options.pulls,
    signManifest: createManifestSigner(),
    limits: options.limits,
    get switches() {
      return options.switches.current;
    },
    now: options.now,
    isPrincipal: options.isPrincipal ?? (() => true),
    change,
    changeTogether: groupCommits(change),
  };
}

function endpointOf(options: OpenRegistryOptions): (registry: Registry) => string {
  const { endpoint = (account, region) => `https://${account}.dkr.ecr.${region}.amazonaws.com` } = options;
  return ({ account, region }) => endpoint(account, region);
}
