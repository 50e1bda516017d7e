import type { Coordinate } from "./coordinate.ts";

/** Round-trip times of one node that are remembered. */
const SAMPLES_MAX = 3;

interface Peer {
  /** The last round-trip times in seconds, oldest first. */
  readonly samples: number[];
  coordinate: Coordinate;
}

/**
 * The last round-trip times and coordinates of other nodes. Bounded: the nodes silent for longest are dropped first.
 */
export class LatencySamples {
  /** The node that has been silent for longest comes first. */
  readonly #peers = new Map<string, Peer>();
  readonly #peersMax: number;
  /** Nodes dropped to make room for others. */
  displaced = 0;

  constructor(peersMax: number) {
    this.#peersMax = peersMax;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Records a measurement and returns the median of the last three, so that one late ack has no effect. */
  note(node: string, coordinate: Coordinate, rttSeconds: number): number {
    const peer = this.#peers.get(node) ?? { samples: [], coordinate };
    peer.samples.push(rttSeconds);
    if (peer.samples.length > SAMPLES_MAX) peer.samples.shift();
    // A copy, since the caller may reuse its object.
    peer.coordinate = { ...coordinate, vec: [...coordinate.vec] };
    this.#peers.delete(node);
    this.#makeRoom();
    this.#peers.set(node, peer);
    const sorted = [...peer.samples].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? rttSeconds;
  }

  coordinateOf(node: string): Coordinate | undefined {
    return this.#peers.get(node)?.coordinate;
  }

  forget(node: string): void {
    this.#peers.delete(node);
  }

  #makeRoom(): void {
    if (this.#peers.size < this.#peersMax) return;
    for (const longestSilent of this.#peers.keys()) {
      this.#peers.delete(longestSilent);
      this.displaced++;
      return;
    }
  }
}
