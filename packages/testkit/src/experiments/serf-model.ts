const ROUND_MS = 200;
const FAN_OUT = 3;

/**
 * The time in milliseconds at which `share` of the nodes have heard, by Serf's model of convergence: infected(x) = N /
 * (1 + (N + 1) e^(-cNx)) after x rounds, with c = (fan-out / N)(1 - loss) / 2. The factor of a half makes it an upper
 * bound for gossip.
 */
export function serfModelMs(nodes: number, loss: number, share: number): number {
  const rate = FAN_OUT * (1 - loss) * 0.5;
  for (let round = 0; ; round++) {
    if (1 / (1 + (nodes + 1) * Math.exp(-rate * round)) >= share) return round * ROUND_MS;
  }
}
