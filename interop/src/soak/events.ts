import { until } from "../until.ts";
import type { SoakNode } from "./soak-node.ts";
import type { SoakCase, SoakRun } from "./soak-run.ts";

const NODES = 6;
const EVENTS_PER_SECOND = 100;
/** With fewer the machine has not produced the load of the case. */
const EVENTS_PER_SECOND_MIN = 95;
const LASTS_S = 300;
/** After this time the buffers of recent events are full, and the heap has its final size. */
const SETTLED_S = 60;
const CHURN_EVERY_MS = 5000;
/** A node that misses an event in gossip gets it by a push/pull within 30 s; twice that. */
const LAST_LIMIT_MS = 60_000;
/** Far below the cost of a kept event: its name, its payload and their containers take some hundred bytes. */
const GROWTH_PER_EVENT_MAX = 50;

/** Sends events for minutes, while other members join, die and leave. */
export const events: SoakCase = {
  name: "events",
  shows: "of 100 events a second for 300 s with churn none is lost, and the heap stays flat",
  limitMs: (LASTS_S + 120) * 1000,
  async run(run: SoakRun): Promise<void> {
    const nodes = await run.startNodes(NODES);
    const churn = new Churn(run, nodes[0]?.address ?? "");
    // Also if the case fails earlier: a member started after that would not be ended otherwise.
    run.atEnd(() => churn.end().catch(() => {}));
    const startedAt = performance.now();
    const elapsedS = (): number => (performance.now() - startedAt) / 1000;
    const count = EVENTS_PER_SECOND * LASTS_S;
    let settled: { readonly number: number; readonly bytes: readonly number[] } | null = null;
    for (let number = 0; number < count; number++) {
      await nodes[number % NODES]?.event(number);
      if (settled === null && elapsedS() >= SETTLED_S) settled = { number, bytes: await heaps(nodes) };
      const aheadMs = (number * 1000) / EVENTS_PER_SECOND - elapsedS() * 1000;
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
    }
    const rate = count / elapsedS();
    const changes = await churn.end();
    await until("every event is everywhere", () => missing(nodes, count), LAST_LIMIT_MS);
    run.figures.push(`events: ${count}, ${rate.toFixed(0)} a second; members that came and went: ${changes}`);
    if (rate < EVENTS_PER_SECOND_MIN) throw new Error(`there were only ${rate.toFixed(0)} events a second`);
    run.figures.push(`events that all ${NODES} nodes have heard: ${count} of ${count}`);
    const twice = (await Promise.all(nodes.map((node) => node.look()))).reduce(
      (sum, look) => sum + look.eventsTwice,
      0,
    );
    run.figure("events heard twice", twice, 0, "", "once 0");
    const since = count - (settled?.number ?? count);
    const growths = (await heaps(nodes)).map((bytes, index) => bytes - (settled?.bytes[index] ?? Number.NaN));
    run.figure(
      `heap of the node that grew most, beyond what it was after ${SETTLED_S} s, for each event since`,
      Math.max(...growths) / since,
      GROWTH_PER_EVENT_MAX,
      "B",
      "once -59",
    );
  },
};

/** Members that join one after the other, and then die or leave alternately. */
class Churn {
  readonly #run: SoakRun;
  readonly #seed: string;
  readonly #work: Promise<void>;
  #isEnding = false;
  #count = 0;

  constructor(run: SoakRun, seed: string) {
    this.#run = run;
    this.#seed = seed;
    this.#work = this.#go();
    // `end` reports its failure.
    this.#work.catch(() => {});
  }

  /** Ends the churn. Returns how many members came and went. */
  async end(): Promise<number> {
    this.#isEnding = true;
    await this.#work;
    return this.#count;
  }

  async #go(): Promise<void> {
    while (!this.#isEnding) {
      const node = await this.#run.startNode(`guest-${this.#count}`, this.#seed);
      await new Promise((resolve) => setTimeout(resolve, CHURN_EVERY_MS));
      await (this.#count % 2 === 0 ? node.kill() : node.leave());
      this.#count++;
    }
  }
}

async function missing(nodes: readonly SoakNode[], count: number): Promise<string | null> {
  for (const node of nodes) {
    const { eventsHeard } = await node.look();
    if (eventsHeard !== count) return `${node.name} has heard ${eventsHeard} of ${count}`;
  }
  return null;
}

async function heaps(nodes: readonly SoakNode[]): Promise<number[]> {
  return (await Promise.all(nodes.map((node) => node.look()))).map(({ heapBytes }) => heapBytes);
}
