import { isFault } from "../../../wire/faults.ts";
import type { SerfParts } from "../serf-parts.ts";
import { encodeCoordinatePayload } from "../wire/coordinate.ts";
import type { Coordinate } from "./coordinate.ts";
import { CoordinateClient, type CoordinateCounters } from "./coordinate-client.ts";

/** Coordinates in acks: every answered ping moves this node's coordinate (docs/protocol/serf.md, section 14). */
export class AckCoordinates {
  readonly #parts: SerfParts;
  readonly #client: CoordinateClient;
  /** The last encoded coordinate, and its bytes. */
  #encoded: Coordinate | null = null;
  #payload: Uint8Array = new Uint8Array(0);

  constructor(parts: SerfParts) {
    this.#parts = parts;
    this.#client = new CoordinateClient({ random: parts.host.random, peersMax: parts.host.config.membersMax });
  }

  get own(): Coordinate {
    return this.#client.coordinate;
  }

  /** Nodes whose coordinates are remembered. */
  get peers(): number {
    return this.#client.peers;
  }

  get counters(): Readonly<CoordinateCounters> {
    return this.#client.counters;
  }

  of(name: string): Coordinate | undefined {
    return this.#client.coordinateOf(name);
  }

  /** This node's encoded coordinate; valid until the coordinate moves. */
  payload(): Uint8Array {
    const { coordinate } = this.#client;
    if (coordinate !== this.#encoded) {
      this.#encoded = coordinate;
      this.#payload = encodeCoordinatePayload(coordinate);
    }
    return this.#payload;
  }

  /** A ping was answered in time. */
  observed(name: string, roundTripMs: number, payload: Uint8Array): void {
    const coordinate = payload.length === 0 ? null : this.#parts.decoder.coordinatePayload(payload);
    if (coordinate === null) return;
    if (isFault(coordinate)) this.#parts.counters.coordinatesUnreadable++;
    else this.#client.update(name, coordinate, roundTripMs);
  }

  forget(name: string): void {
    this.#client.forget(name);
  }
}
