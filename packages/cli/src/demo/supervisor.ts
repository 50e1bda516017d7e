import { performance } from "node:perf_hooks";
import type { CauseReport, ChangeReport } from "./reports.ts";
import { type NodeEvents, SupervisedNode } from "./supervised-node.ts";
import { NODE_NAMES, STEP_LIMIT_MS } from "./timings.ts";

/** More than a story needs, and few enough for a demo that runs all day. */
const CHANGES_MAX = 1000;

/** A change as one node saw it, on the supervisor's clock. */
export interface SeenChange extends ChangeReport {
  readonly observer: string;
  readonly atMs: number;
}

/** A published message: when it was published, and when each other node received it, on one clock. */
export interface Delivery {
  publishedAtMs: number | null;
  readonly heardAtMs: Map<string, number>;
}

/** The callbacks and the time limit of a supervisor. */
export interface SupervisorOptions {
  /** Time limit of `until`, in milliseconds. @defaultValue 120,000 */
  readonly limitMs?: number;
  onChange?(change: SeenChange): void;
  onFault?(node: SupervisedNode, fault: string): void;
  /** Called after every report: anything may have changed. */
  onUpdate?(): void;
}

/** Starts the demo's processes, keeps the view of each, and ends them, but no others. */
export class Supervisor {
  readonly nodes: readonly SupervisedNode[];
  /** The last changes that any node reported, oldest first. */
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

  /** The nodes that run and whose view is current. */
  get running(): readonly SupervisedNode[] {
    return this.nodes.filter(({ state }) => state === "running");
  }

  /** Starts the first node, then the others, which can join it. */
  async startAll(): Promise<boolean> {
    const [first, ...others] = this.nodes;
    first?.start([]);
    const isUp = await this.until(() => first?.state !== "starting");
    for (const node of others) this.start(node);
    return isUp;
  }

  /** Starts a node, or restarts it at its old address; it joins the others. */
  start(node: SupervisedNode): void {
    if (this.#isClosed) return;
    const others = this.nodes.filter((other) => other !== node);
    node.start(others.flatMap(({ address }) => (address === null ? [] : [address])));
  }

  /** Makes a node publish an urgent message, and records where it arrives. */
  publish(from: SupervisedNode): Delivery {
    const id = ++this.#lastId;
    const delivery: Delivery = { publishedAtMs: null, heardAtMs: new Map() };
    this.#deliveries.set(id, delivery);
    from.tell({ type: "publish", id });
    return delivery;
  }

  /** The causes of a member's state in the view of `observer`, oldest first; null if it doesn't answer in time. */
  async explain(observer: SupervisedNode, name: string): Promise<readonly CauseReport[] | null> {
    const id = ++this.#lastId;
    observer.tell({ type: "explain", id, name });
    await this.until(() => this.#explanations.has(id));
    const causes = this.#explanations.get(id) ?? null;
    this.#explanations.delete(id);
    return causes;
  }

  /**
   * Waits until `isTrue`, which is checked after every report. False if the limit is reached or the supervisor closes.
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

  /** Kills all running processes and ends all waits. Safe in an exit handler: the signals are sent when it returns. */
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
