import { performance } from "node:perf_hooks";
import type { CauseReport, ChangeReport } from "./reports.ts";
import { type NodeEvents, SupervisedNode } from "./supervised-node.ts";
import { NODE_NAMES, STEP_LIMIT_MS } from "./timings.ts";

/** More than a story has, and little enough for a demo that runs all day. */
const CHANGES_MAX = 1000;

/** A change as one node saw it, on the supervisor's clock. */
export interface SeenChange extends ChangeReport {
  readonly observer: string;
  readonly atMs: number;
}

/** A message on its way: when it was published, and when each other node heard it, on one clock. */
export interface Delivery {
  publishedAtMs: number | null;
  readonly heardAtMs: Map<string, number>;
}

/** Who wants to know what happens, and how patient the supervisor is. */
export interface SupervisorOptions {
  /** Longest that `until` waits, in milliseconds. @defaultValue 120,000 */
  readonly limitMs?: number;
  onChange?(change: SeenChange): void;
  onFault?(node: SupervisedNode, fault: string): void;
  /** Anything at all: something may look different now. */
  onUpdate?(): void;
}

/** Starts the demo's processes, knows what each of them sees, and ends them: these and no others. */
export class Supervisor {
  readonly nodes: readonly SupervisedNode[];
  /** The last changes that any node has told of, oldest first. */
  readonly changes: SeenChange[] = [];
  readonly #options: SupervisorOptions;
  readonly #deliveries = new Map<number, Delivery>();
  readonly #explanations = new Map<number, readonly CauseReport[]>();
  readonly #waiting = new Set<() => void>();
  #lastId = 0;
  #isClosed = false;

  constructor(options: SupervisorOptions = {}) {
    this.#options = options;
    const events = this.#events();
    this.nodes = NODE_NAMES.map((name) => new SupervisedNode(name, events));
  }

  node(name: string): SupervisedNode {
    const node = this.nodes.find((one) => one.name === name);
    if (node === undefined) throw new RangeError(`there is no node ${name}`);
    return node;
  }

  /** Those whose view is fresh. */
  get running(): readonly SupervisedNode[] {
    return this.nodes.filter(({ state }) => state === "running");
  }

  /** Starts the first node, and the others once there is somebody to join by. */
  async startAll(): Promise<boolean> {
    const [first, ...others] = this.nodes;
    first?.start([]);
    const isUp = await this.until(() => first?.state !== "starting");
    for (const node of others) this.start(node);
    return isUp;
  }

  /** Starts a node, or starts it again at its old address, to join by all the others. */
  start(node: SupervisedNode): void {
    if (this.#isClosed) return;
    const others = this.nodes.filter((other) => other !== node);
    node.start(others.flatMap(({ address }) => (address === null ? [] : [address])));
  }

  /** Lets a node publish an urgent message, and follows where it is heard. */
  publish(from: SupervisedNode): Delivery {
    const id = ++this.#lastId;
    const delivery: Delivery = { publishedAtMs: null, heardAtMs: new Map() };
    this.#deliveries.set(id, delivery);
    from.tell({ type: "publish", id });
    return delivery;
  }

  /** Why `observer` holds the member to be what it is, oldest cause first; null if it doesn't answer in time. */
  async explain(observer: SupervisedNode, name: string): Promise<readonly CauseReport[] | null> {
    const id = ++this.#lastId;
    observer.tell({ type: "explain", id, name });
    await this.until(() => this.#explanations.has(id));
    const causes = this.#explanations.get(id) ?? null;
    this.#explanations.delete(id);
    return causes;
  }

  /**
   * Waits until `isTrue`, which is asked again after everything that happens. False if it takes longer than the limit, or
   * the supervisor closes.
   */
  until(isTrue: () => boolean, limitMs: number = this.#options.limitMs ?? STEP_LIMIT_MS): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (result: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(result);
      };
      const check = (): void => {
        if (isTrue()) settle(true);
        else if (this.#isClosed) settle(false);
      };
      const timer = setTimeout(() => settle(isTrue()), limitMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** Kills whatever still runs, and ends all waiting. Safe in an exit handler: the signals are sent when it returns. */
  close(): void {
    this.#isClosed = true;
    for (const node of this.nodes) node.crash();
    this.#updated();
  }

  #events(): NodeEvents {
    return {
      onChange: (node, change) => {
        const seen = { ...change, observer: node.name, atMs: performance.now() };
        this.changes.push(seen);
        if (this.changes.length > CHANGES_MAX) this.changes.shift();
        this.#options.onChange?.(seen);
        this.#updated();
      },
      onPublished: (id, atMs) => {
        const delivery = this.#deliveries.get(id);
        if (delivery !== undefined) delivery.publishedAtMs = atMs;
        this.#updated();
      },
      onHeard: (node, id, atMs) => {
        this.#deliveries.get(id)?.heardAtMs.set(node.name, atMs);
        this.#updated();
      },
      onExplained: (id, causes) => {
        this.#explanations.set(id, causes);
        this.#updated();
      },
      onState: (node, fault) => {
        if (fault !== null) this.#options.onFault?.(node, fault);
        this.#updated();
      },
    };
  }

  #updated(): void {
    for (const check of [...this.#waiting]) check();
    this.#options.onUpdate?.();
  }
}
