/**
 * The geometry of coordinates (docs/protocol/serf.md, section 14.4). Sums are taken in the reference's order, so that
 * the results are the same to the last bit.
 */
import { type Random, unit } from "../../../base/random.ts";
import { COORDINATE_HEIGHT_MIN, type Coordinate } from "./coordinate.ts";

/** Points closer to each other than this, in seconds, count as the same position. */
const ZERO_SECONDS = 1e-6;

const NANOSECONDS_PER_SECOND = 1e9;
const NANOSECONDS_PER_MS = 1e6;

/**
 * The estimated round-trip time between two nodes in milliseconds, to the nanosecond. Both coordinates must be
 * plausible and have the same dimensions, as those from `CoordinateClient` are and have.
 */
export function estimatedRttMs(a: Coordinate, b: Coordinate): number {
  return distanceNs(a, b) / NANOSECONDS_PER_MS;
}

/** The estimated round-trip time in seconds. */
export function distanceSeconds(a: Coordinate, b: Coordinate): number {
  return seconds(distanceNs(a, b));
}

/** Distance without the adjustments, in seconds. */
export function rawDistanceSeconds(a: Coordinate, b: Coordinate): number {
  return magnitude(difference(a.vec, b.vec)) + a.height + b.height;
}

/** Converts a measured time as the reference does: to whole nanoseconds, then to seconds. */
export function secondsOfMs(ms: number): number {
  return seconds(Math.round(ms * NANOSECONDS_PER_MS));
}

/** `coordinate` pushed away from `other` by `force` seconds, or towards it if `force` is negative. */
export function pushed(coordinate: Coordinate, force: number, other: Coordinate, random: Random): Coordinate {
  const away = difference(coordinate.vec, other.vec);
  const apart = magnitude(away);
  const isApart = apart > ZERO_SECONDS;
  const direction = isApart ? scaled(away, 1 / apart) : randomDirection(away.length, random);
  const height = ((coordinate.height + other.height) * force) / apart + coordinate.height;
  return {
    ...coordinate,
    vec: coordinate.vec.map((value, i) => value + (direction[i] ?? 0) * force),
    height: isApart ? Math.max(COORDINATE_HEIGHT_MIN, height) : coordinate.height,
  };
}

function distanceNs(a: Coordinate, b: Coordinate): number {
  const raw = rawDistanceSeconds(a, b);
  const adjusted = raw + a.adjustment + b.adjustment;
  return Math.trunc((adjusted > 0 ? adjusted : raw) * NANOSECONDS_PER_SECOND);
}

/** Divides whole seconds and the rest separately, as the reference does. */
function seconds(ns: number): number {
  return Math.trunc(ns / NANOSECONDS_PER_SECOND) + (ns % NANOSECONDS_PER_SECOND) / NANOSECONDS_PER_SECOND;
}

function randomDirection(dimensions: number, random: Random): number[] {
  const drawn = Array.from({ length: dimensions }, () => unit(random) - 0.5);
  const length = magnitude(drawn);
  return length > ZERO_SECONDS ? scaled(drawn, 1 / length) : drawn.map((_, i) => (i === 0 ? 1 : 0));
}

function difference(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - (b[i] ?? 0));
}

function scaled(vec: readonly number[], factor: number): number[] {
  return vec.map((value) => value * factor);
}

function magnitude(vec: readonly number[]): number {
  let sum = 0;
  for (const value of vec) sum += value * value;
  return Math.sqrt(sum);
}
