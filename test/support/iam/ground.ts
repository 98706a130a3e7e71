import type { Item } from "../admin-api.ts";
import type { Embedded } from "../embedded.ts";

export type Denial = {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly message: string;
};

/** A running product in which scenarios are tried, one after the other. */
export class Ground {
  readonly product: Embedded;
  #seen = 0;

  constructor(product: Embedded) {
    this.product = product;
  }

  get url(): string {
    return this.product.url;
  }

  /** As after the first start: nothing is left of what was tried before. */
  async begin(): Promise<void> {
    await this.product.control("POST", "reset");
    this.#seen = 0;
  }

  /** What is refused up to now is not what is tried. */
  async forgetDenials(): Promise<void> {
    this.#seen = (await this.#allDenials()).length;
  }

  /** What was refused since. */
  async denials(): Promise<readonly Denial[]> {
    return (await this.#allDenials()).slice(this.#seen);
  }

  async #allDenials(): Promise<readonly Denial[]> {
    return (await this.product.control("GET", "denials"))["denials"] as readonly Denial[];
  }

  async swap(body: object): Promise<void> {
    await this.product.control("POST", "policy", body);
  }

  async isIdle(): Promise<boolean> {
    return (await this.product.control("GET", "idle"))["idle"] === true;
  }

  async settle(): Promise<void> {
    await this.product.atRest();
  }

  /** Nothing that a registry emits arrives from now on; `false`: everything does. */
  async loseEvents(lost: boolean): Promise<void> {
    await this.product.control("POST", "faults", { events: { drop: lost ? 1 : 0 } });
  }

  async inQueue(name: string): Promise<number> {
    const queues = (await this.product.control("GET", "idle"))["queues"] as readonly Item[];
    return queues
      .filter((queue) => queue["name"] === name)
      .reduce((sum, queue) => sum + Number(queue["visible"]), 0);
  }

  /** Asks the admin API. That there is nothing of the kind is an answer too; a refusal and a failure are errors. */
  async get(path: string, query: Readonly<Record<string, string>> = {}): Promise<Item> {
    const { status, body } = await this.product.api.get(path, query);
    if (status !== 200 && status !== 404) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async post(path: string, body: unknown = {}): Promise<Item> {
    const answer = await this.product.api.post(path, body);
    if (answer.status >= 300)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Something that people or time do to the product, to see whether its permissions are enough for it. */
export type Scenario = {
  /** Done with all permissions; may take some away that stay away. */
  readonly setUp?: (ground: Ground) => Promise<void>;
  readonly act: (ground: Ground) => Promise<void>;
  /** Whether what `act` set off has come to its good end. May throw as long as it has not. */
  readonly isDone: (ground: Ground) => Promise<boolean>;
  /** What is refused because `setUp` took it away; all else must be allowed. */
  readonly isExpected?: (denial: Denial) => boolean;
};
