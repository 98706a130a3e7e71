import { storageClassUpdated } from "../events/image-action.ts";
import { imageActivated } from "../events/trail/service-event.ts";
import { requestReplication } from "../replication/request-replication.ts";
import { type Activation, findImage, listActivations, setActive } from "../storage/images.ts";
import { findRepositoryById } from "../storage/repositories.ts";
import { tagsOf } from "../storage/tags.ts";
import type { Change, Core } from "./core.ts";

/** The time at which nothing is over yet: from the last restore's start until the first one's end. */
type Quiet = { readonly from: number; readonly until: number };

export type RestoreDependencies = {
  readonly core: () => Core;
  /** Hears when the next restore ends, whenever that has become another time. */
  readonly onRestoring: (until: Date) => void;
  readonly onError: (error: unknown) => void;
};

/**
 * Restores that are under way. The registry has no timers: what is over is ended by the next request, or by whoever was told
 * of it. A restore that is there when the registry is opened goes on.
 */
export class Restores {
  readonly #deps: RestoreDependencies;
  #quiet: Quiet | undefined;

  constructor(deps: RestoreDependencies) {
    this.#deps = deps;
  }

  /** Looks what is under way: at first, and after every write. */
  look(): void {
    const { sql, limits } = this.#deps.core();
    const activations = listActivations(sql);
    const before = this.#quiet?.until;
    this.#quiet = quietOf(activations, limits.restoreDuration);
    if (this.#quiet !== undefined && this.#quiet.until !== before)
      this.#deps.onRestoring(new Date(this.#quiet.until));
  }

  /** Ends what is over by the clock, also one that began in what is the future since the clock was set back. */
  complete(): Date | undefined {
    const core = this.#deps.core();
    const now = core.now().getTime();
    if (this.#quiet !== undefined && (now >= this.#quiet.until || now < this.#quiet.from)) {
      const over = listActivations(core.sql).filter(
        ({ since }) => now >= since + core.limits.restoreDuration || now < since,
      );
      for (const activation of over) this.#end(activation);
    }
    return this.#quiet === undefined ? undefined : new Date(this.#quiet.until);
  }

  /** One that fails, because the disk is full perhaps, must not stop the others, nor the request that came upon it. */
  #end(activation: Activation): void {
    try {
      this.#deps.core().change((change) => activate(change, activation));
    } catch (error) {
      this.#deps.onError(error);
    }
  }
}

function quietOf(activations: readonly Activation[], duration: number): Quiet | undefined {
  const [first] = activations;
  const last = activations.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { from: last.since, until: first.since + duration };
}

/** The image is as if it were pushed anew: it can be pulled, is replicated, and its clocks for lifecycle rules start. */
function activate(change: Change, { repositoryId, digest }: Activation): void {
  const { sql, now } = change;
  const repository = findRepositoryById(sql, repositoryId);
  const image = findImage(sql, repositoryId, digest);
  if (repository === undefined || image === undefined) return;
  setActive(sql, repositoryId, digest, now.getTime());
  change.emit(storageClassUpdated({ repository, image, time: now }, "STANDARD"));
  change.emit(imageActivated({ repository, digest, time: now }));
  const tags = tagsOf(sql, repositoryId, digest);
  requestReplication(sql, repository, { digest, tags: tags.length === 0 ? [""] : tags });
}
