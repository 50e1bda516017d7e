import { type Random, unit } from "@hearsay/core";

/** Round-trip times between nodes in milliseconds, whole nanoseconds each: `times[i][j]` equals `times[j][i]`. */
export type RoundTrips = readonly (readonly number[])[];

/** Nodes in a row, neighbours `spacingMs` apart. */
export function line(nodes: number, spacingMs: number): RoundTrips {
  return between(nodes, (i, j) => (j - i) * spacingMs);
}

/** A square of nodes, neighbours `spacingMs` apart. */
export function grid(nodes: number, spacingMs: number): RoundTrips {
  const side = Math.floor(Math.sqrt(nodes));
  return between(nodes, (i, j) => {
    const dx = (j % side) - (i % side);
    const dy = Math.floor(j / side) - Math.floor(i / side);
    return Math.sqrt(dx * dx + dy * dy) * spacingMs;
  });
}

/** Two sites: `lanMs` between nodes of one site, and `wanMs` more between the two. */
export function split(nodes: number, lanMs: number, wanMs: number): RoundTrips {
  const last = Math.floor(nodes / 2);
  return between(nodes, (i, j) => (i <= last && j > last ? lanMs + wanMs : lanMs));
}

/** Nodes around a circle; the first is two radii away from all others, which no point in the plane is. */
export function circle(nodes: number, radiusMs: number): RoundTrips {
  return between(nodes, (i, j) => {
    if (i === 0) return 2 * radiusMs;
    const a = (2 * Math.PI * i) / nodes;
    const b = (2 * Math.PI * j) / nodes;
    const dx = Math.cos(b) - Math.cos(a);
    const dy = Math.sin(b) - Math.sin(a);
    return Math.sqrt(dx * dx + dy * dy) * radiusMs;
  });
}

/** Independent, normally distributed times. */
export function random(nodes: number, meanMs: number, deviationMs: number, chance: Random): RoundTrips {
  return between(nodes, () => {
    // Box and Muller's transform of two uniform numbers; 1 - unit is never zero.
    const radius = Math.sqrt(-2 * Math.log(1 - unit(chance)));
    return meanMs + deviationMs * radius * Math.cos(2 * Math.PI * unit(chance));
  });
}

/** Four nodes with the sides of a square between them, but one diagonal as short as a side: they fit no plane. */
export function bentSquare(sideMs: number): RoundTrips {
  return between(4, (i, j) => (i % 2 === 0 && j % 2 === 0 ? Math.SQRT2 * sideMs : sideMs));
}

/** The times of all pairs i < j, row by row. */
export function ofPairs(nodes: number, timesNs: readonly number[]): RoundTrips {
  let at = 0;
  return between(nodes, () => (timesNs[at++] ?? Number.NaN) / 1e6);
}

function between(nodes: number, ms: (i: number, j: number) => number): RoundTrips {
  const times = Array.from({ length: nodes }, () => new Array<number>(nodes).fill(0));
  for (let i = 0; i < nodes; i++) {
    for (let j = i + 1; j < nodes; j++) {
      const wholeNs = Math.trunc(ms(i, j) * 1e6) / 1e6;
      for (const [row, column] of [
        [i, j],
        [j, i],
      ] as const) {
        const target = times[row];
        if (target !== undefined) target[column] = wholeNs;
      }
    }
  }
  return times;
}
