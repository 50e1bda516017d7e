import { RULES } from "@hearsay/core/internal";
import { SimCluster } from "../cluster/sim-cluster.ts";
import { type Experiment, type Finding, finding, type Size, seeds, within } from "./finding.ts";

const NODES = 100;

/** How often loss alone makes a probe fail. */
export const probeFailures: Experiment = {
  id: "E3",
  title: "Probes that fail by loss alone",
  method:
    `${NODES} healthy nodes, failures only counted, no stream pings; a period of two ` +
    "seconds leaves room for the direct path of two legs and the K indirect ones of four. A probe fails with (1-q^2)(1-q^4)^K at " +
    "q = 1 - loss. The paper's formula multiplies that by e/(e-1), the periods to the first probe: it is the " +
    "number of failures for each period in which a member is probed at all, since a fraction 1/e of the " +
    "periods passes without. Both are shown; the second divides the failures by the member-periods with a " +
    "probe, of which N nodes in a period make N(1-(1-1/(N-1))^(N-1)). That is for rules `swim`, with random " +
    "targets. Rules `hearsay` are what is shipped: of a round robin no period passes without a probe, and a node " +
    "that distrusts itself probes less often, but what loss does to one probe is the same.",
  run: (size) =>
    (["hearsay", "swim"] as const).flatMap((rules) => {
      const losses = rules === "swim" && size === "quick" ? [0.1] : [0.05, 0.1, 0.2];
      return [1, 3].flatMap((helpers) => losses.flatMap((loss) => failureRates({ rules, helpers, loss, size })));
    }),
};

/** The values of the paper's table at qf = 1, by helpers and loss. */
const PAPER: Readonly<Record<string, number>> = {
  "1/0.05": 0.0286,
  "1/0.1": 0.103,
  "1/0.2": 0.336,
  "3/0.05": 0.00098,
  "3/0.1": 0.0122,
  "3/0.2": 0.117,
};

interface Setting {
  readonly rules: "hearsay" | "swim";
  readonly helpers: number;
  readonly loss: number;
  readonly size: Size;
}

function failureRates(setting: Setting): Finding[] {
  const { rules, helpers, loss, size } = setting;
  const runs = size === "quick" ? 3 : 30;
  const periods = size === "quick" ? 40 : 400;
  const rates: number[] = [];
  let sent = 0;
  let failed = 0;
  for (const seed of seeds(runs)) {
    const counts = count(setting, seed, periods);
    rates.push(counts.failed / counts.sent);
    sent += counts.sent;
    failed += counts.failed;
  }
  const share = size === "quick" ? 0.6 : 0.2;
  const delivered = 1 - loss;
  const closedForm = (1 - delivered ** 2) * (1 - delivered ** 4) ** helpers;
  const probed = 1 - (1 - 1 / (NODES - 1)) ** (NODES - 1);
  const common = {
    setting: `loss ${loss * 100} %, K=${helpers}`,
    rules,
    runs: `${runs} seeds, ${sent} probes`,
  };
  const perProbe = finding({
    ...common,
    metric: "failures per probe",
    expected: within(closedForm, share, "closed form"),
    found: failed / sent,
    samples: rates,
  });
  if (rules === "hearsay") return [perProbe];
  return [
    perProbe,
    finding({
      ...common,
      metric: "failures per member-period with a probe",
      expected: within(PAPER[`${helpers}/${loss}`] ?? Number.NaN, share, "paper"),
      found: failed / sent / probed,
      samples: rates.map((rate) => rate / probed),
    }),
  ];
}

function count({ rules, helpers, loss }: Setting, seed: number, periods: number): { sent: number; failed: number } {
  const cluster = new SimCluster({
    nodes: NODES,
    seed,
    rules: { ...RULES[rules], verdict: "count" },
    config: { probeIntervalMs: 2000, indirectChecks: helpers, gossipIntervalMs: 0, pushPullIntervalMs: 0 },
    network: { loss },
    streamPings: false,
    discovery: false,
  });
  cluster.run(periods * 2000);
  let sent = 0;
  let failed = 0;
  for (const { swim } of cluster.nodes) {
    // A running probe has not failed yet.
    sent += swim.counters.probesSent - swim.occupancy.probes;
    failed += swim.counters.probesFailed;
  }
  return { sent, failed };
}
