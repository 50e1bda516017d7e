const ROUND_MS = 200;
const FAN_OUT = 3;

/**
 * When Serf's model of convergence says that `share` of the nodes have heard, in milliseconds: infected(x) = N / (1 +
 * (N + 1) e^(-cNx)) after x rounds, with c = (fan-out / N)(1 - loss) / 2. Its factor of a half makes it an upper
 * bound of what gossip does.
 */
export function serfModelMs(nodes: number, loss: number, share: number): number {
  const rate = FAN_OUT * (1 - loss) * 0.5;
  for (let round = 0; ; round++) {
    if (1 / (1 + (nodes + 1) * Math.exp(-rate * round)) >= share) return round * ROUND_MS;
  }
}
