import { invariant } from "../../../base/invariant.ts";
import type { Random } from "../../../base/random.ts";
import {
  COORDINATE_DIMENSIONS,
  COORDINATE_ERROR_MAX,
  type Coordinate,
  isPlausible,
  newCoordinate,
} from "./coordinate.ts";
import { distanceSeconds, estimatedRttMs, pushed, rawDistanceSeconds, secondsOfMs } from "./geometry.ts";
import { LatencySamples } from "./latency-samples.ts";

/** The longest round-trip time that is used, in milliseconds. */
export const COORDINATE_RTT_MS_MAX = 10_000;

/** Default limit on the other nodes whose coordinates are remembered: as many as a view has members. */
export const COORDINATE_PEERS_MAX = 65_536;

/** Largest share by which one observation moves the error and the position: Vivaldi's c_e and c_c. */
const ERROR_GAIN = 0.25;
const PLACE_GAIN = 0.25;
/** Number of observations that the adjustment averages. */
const ADJUSTMENT_WINDOW = 20;
/** Distance from the origin, in seconds, at which gravity pulls by one second per update. */
const GRAVITY_RHO = 150;
/** Lower bound for divisors. */
const ZERO = 1e-6;

export interface CoordinateClientOptions {
  /** Chooses the direction in which nodes at the same position are pushed apart. */
  readonly random: Random;
  /** Dimensions of the Euclidean part, 1 or more. All nodes of a cluster must agree. @defaultValue 8 */
  readonly dimensions?: number;
  /** The initial coordinate, such as one from an earlier life; it must be plausible. @defaultValue the origin */
  readonly start?: Coordinate;
  /**
   * Limit on the other nodes remembered, 1 or more; the one silent for longest is dropped first. @defaultValue 65536
   */
  readonly peersMax?: number;
}

/**
 * The result of an observation. `applied`: the own coordinate moved. The others changed nothing: the `dimensions`
 * differ from ours, the `coordinate` has a number that is not finite or out of bounds, or the `rtt` is not 0 to 10 s.
 */
export type CoordinateUpdate = "applied" | "dimensions" | "coordinate" | "rtt";

/** Counters of a client since its start. */
export interface CoordinateCounters {
  applied: number;
  /** Coordinates refused because they have other dimensions. */
  dimensionsRefused: number;
  /** Coordinates refused because a number in them is implausible. */
  coordinatesRefused: number;
  /** Round-trip times refused. */
  rttsRefused: number;
  /** How often the own coordinate became implausible and was reset. */
  resets: number;
  /** Other nodes dropped to make room for others. */
  peersDisplaced: number;
}

export function newCoordinateCounters(): CoordinateCounters {
  return { applied: 0, dimensionsRefused: 0, coordinatesRefused: 0, rttsRefused: 0, resets: 0, peersDisplaced: 0 };
}

/**
 * One node's coordinate, moved by each round-trip time that it measures, and the last coordinates heard from others
 * (docs/protocol/serf.md, sections 14.3 and 14.5). Coordinates from others are checked before use: a single NaN would
 * spread to all nodes.
 */
export class CoordinateClient {
  readonly counters: CoordinateCounters = newCoordinateCounters();
  readonly #random: Random;
  readonly #origin: Coordinate;
  readonly #peers: LatencySamples;
  /** What the position did not explain of each of the last observations, in seconds; a ring. */
  readonly #unexplained: number[] = new Array<number>(ADJUSTMENT_WINDOW).fill(0);
  #cursor = 0;
  #own: Coordinate;

  constructor({ random, dimensions = COORDINATE_DIMENSIONS, start, peersMax }: CoordinateClientOptions) {
    invariant(Number.isInteger(dimensions) && dimensions >= 1, "dimensions of a coordinate below 1");
    this.#random = random;
    this.#origin = newCoordinate(dimensions);
    this.#own = start ?? newCoordinate(dimensions);
    invariant(this.#own.vec.length === dimensions && isPlausible(this.#own), "a start that is no coordinate");
    this.#peers = new LatencySamples(peersMax ?? COORDINATE_PEERS_MAX);
  }

  /** This node's current coordinate. */
  get coordinate(): Coordinate {
    return this.#own;
  }

  /** Other nodes that are remembered. */
  get peers(): number {
    return this.#peers.size;
  }

  /** Applies a direct ping of `node`, whose coordinate is `other`; the round trip took `rttMs` milliseconds. */
  update(node: string, other: Coordinate, rttMs: number): CoordinateUpdate {
    const refusal = this.#refusal(other, rttMs);
    if (refusal !== null) return refusal;
    const rtt = this.#peers.note(node, other, secondsOfMs(rttMs));
    this.counters.peersDisplaced = this.#peers.displaced;
    this.#observe(other, rtt);
    this.#adjust(other, rtt);
    this.#gravitate();
    if (!isPlausible(this.#own)) this.#reset();
    this.counters.applied++;
    return "applied";
  }

  /** The last coordinate heard from `node`; undefined if none is remembered. */
  coordinateOf(node: string): Coordinate | undefined {
    return this.#peers.coordinateOf(node);
  }

  /** The estimated round-trip time to `node` in milliseconds; undefined if no coordinate of it is remembered. */
  rttMsTo(node: string): number | undefined {
    const other = this.#peers.coordinateOf(node);
    return other === undefined ? undefined : estimatedRttMs(this.#own, other);
  }

  /** Forgets a node that is no longer a member. */
  forget(node: string): void {
    this.#peers.forget(node);
  }

  #refusal(other: Coordinate, rttMs: number): CoordinateUpdate | null {
    if (other.vec.length !== this.#origin.vec.length) {
      this.counters.dimensionsRefused++;
      return "dimensions";
    }
    if (!isPlausible(other)) {
      this.counters.coordinatesRefused++;
      return "coordinate";
    }
    // Written so that NaN is refused. Zero is allowed: coarse clocks measure it.
    if (!(rttMs >= 0 && rttMs <= COORDINATE_RTT_MS_MAX)) {
      this.counters.rttsRefused++;
      return "rtt";
    }
    return null;
  }

  /**
   * Vivaldi: the error moves towards this estimate's relative error, the position to where the estimate would be right.
   */
  #observe(other: Coordinate, rtt: number): void {
    const own = this.#own;
    const estimate = distanceSeconds(own, other);
    const measured = Math.max(rtt, ZERO);
    const wrong = Math.abs(estimate - measured) / measured;
    const weight = own.error / Math.max(own.error + other.error, ZERO);
    const error = ERROR_GAIN * weight * wrong + own.error * (1 - ERROR_GAIN * weight);
    const force = PLACE_GAIN * weight * (measured - estimate);
    this.#own = pushed({ ...own, error: Math.min(COORDINATE_ERROR_MAX, error) }, force, other, this.#random);
  }

  #adjust(other: Coordinate, rtt: number): void {
    this.#unexplained[this.#cursor] = rtt - rawDistanceSeconds(this.#own, other);
    this.#cursor = (this.#cursor + 1) % ADJUSTMENT_WINDOW;
    const sum = this.#unexplained.reduce((total, value) => total + value, 0);
    this.#own = { ...this.#own, adjustment: sum / (2 * ADJUSTMENT_WINDOW) };
  }

  /** Pulls the node towards the origin; otherwise the whole cluster would drift away over weeks. */
  #gravitate(): void {
    const share = distanceSeconds(this.#origin, this.#own) / GRAVITY_RHO;
    this.#own = pushed(this.#own, -(share * share), this.#origin, this.#random);
  }

  /** Also clears `#unexplained`, which the reference keeps: it would distort the new coordinate at once. */
  #reset(): void {
    this.#own = newCoordinate(this.#origin.vec.length);
    this.#unexplained.fill(0);
    this.counters.resets++;
  }
}
