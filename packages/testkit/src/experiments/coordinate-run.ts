import { below, Sfc32 } from "@hearsay/core";
import { type Coordinate, CoordinateClient, estimatedRttMs } from "@hearsay/core/serf";
import type { Chance } from "./go-random.ts";
import type { RoundTrips } from "./topologies.ts";

/** Nodes that measure each other and find their coordinates. */
export class CoordinateRun {
  readonly #chance: Chance;
  readonly #truth: RoundTrips;
  readonly #clients: readonly CoordinateClient[];

  constructor(truth: RoundTrips, dimensions: number, chance: Chance, starts: readonly Coordinate[] = []) {
    this.#chance = chance;
    this.#truth = truth;
    this.#clients = truth.map((_, index) => {
      const start = starts[index];
      return new CoordinateClient({ random: chance, dimensions, ...(start === undefined ? {} : { start }) });
    });
  }

  get coordinates(): Coordinate[] {
    return this.#clients.map(({ coordinate }) => coordinate);
  }

  /**
   * In each cycle, every node measures one random node, drawn from `chance`; a node that draws itself skips its turn.
   */
  cycle(times: number, chance: Chance = this.#chance): void {
    const clients = this.#clients;
    for (let cycle = 0; cycle < times; cycle++) {
      for (const [index, client] of clients.entries()) {
        const peer = chance.below(clients.length);
        const other = clients[peer];
        if (peer === index || other === undefined) continue;
        client.update(`node-${peer}`, other.coordinate, this.#truth[index]?.[peer] ?? Number.NaN);
      }
    }
  }

  /** The relative error of each pair's estimate. */
  errors(): number[] {
    const { coordinates } = this;
    return coordinates.flatMap((one, i) =>
      coordinates.slice(i + 1).map((other, offset) => {
        const truth = this.#truth[i]?.[i + 1 + offset] ?? Number.NaN;
        return Math.abs(estimatedRttMs(one, other) - truth) / truth;
      }),
    );
  }

  /**
   * Distance of the nodes' center from the origin, in seconds. The center lies midway between the outermost nodes in
   * each dimension.
   */
  middleDistance(): number {
    const { coordinates } = this;
    const axes = coordinates[0]?.vec ?? [];
    const middle = axes.map((_, axis) => {
      const values = coordinates.map(({ vec }) => vec[axis] ?? Number.NaN);
      return (Math.min(...values) + Math.max(...values)) / 2;
    });
    return Math.hypot(...middle);
  }
}

/** A run's own random source, from its seed. */
export function seeded(seed: number): Chance {
  const random = new Sfc32(seed, 0xe16);
  return { nextU32: () => random.nextU32(), below: (bound) => below(random, bound) };
}
