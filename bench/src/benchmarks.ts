/** One way of running a benchmark's sample. */
export interface Variant {
  /** The difference from the benchmark's other variants, as words after a comma; empty if there is none. */
  readonly name: string;
  /** The arguments of the script. */
  readonly args: readonly string[];
  /** Flags of Node. A variant that has any says so in its name. */
  readonly nodeFlags: readonly string[];
  /** Whether another process spins on a core meanwhile. */
  readonly isBesideBusyCore: boolean;
}

/**
 * A benchmark from which single samples can be taken: a script in a fresh process that prints its figures as JSON. In
 * every revision the script is `bench/dist/samples/<name>.js`, with these arguments and flags, so that another
 * revision's script can be run, too.
 */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** The number of samples whose median `npm run bench -- <name>` prints. */
  readonly samples: number;
  readonly variants: readonly Variant[];
  /** Scripts that it starts as processes of their own, in the same folder of samples. */
  readonly parts: readonly string[];
}

/** A young generation of 256 MiB, in which a short run causes no collection. */
const YOUNG_GENERATION = ["--min-semi-space-size=256", "--max-semi-space-size=256"];

export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "micro",
    about: "time and garbage of single operations, beside the same in Go",
    samples: 9,
    variants: [
      variant({}),
      // The flags don't change the amount of garbage; see the script.
      variant({ args: ["garbage"], nodeFlags: ["--min-semi-space-size=64", "--max-semi-space-size=64"] }),
    ],
    parts: [],
  },
  {
    name: "pings",
    about: "a node that answers pings, beside memberlist",
    samples: 7,
    variants: [variant({}), variant({ args: ["encrypted"] })],
    parts: ["pings-client"],
  },
  {
    name: "propagation",
    about: "an urgent broadcast to 100 nodes, with the eager lane and without it",
    samples: 9,
    variants: [variant({})],
    parts: [],
  },
  {
    name: "publish",
    about: "a message of a channel to 40 virtual nodes",
    samples: 1,
    variants: [variant({})],
    parts: [],
  },
  {
    name: "joins",
    about: "50 nodes that start at the same time",
    samples: 20,
    variants: [
      variant({}),
      variant({ name: "beside a busy core", isBesideBusyCore: true }),
      variant({ name: "young generation of 256 MiB", nodeFlags: YOUNG_GENERATION }),
    ],
    parts: [],
  },
  {
    name: "slices",
    about: "how long a push/pull of 10,000 members keeps a node from answering pings",
    samples: 9,
    variants: [variant({}), variant({ args: ["encrypted"] })],
    parts: ["slices-node"],
  },
  {
    name: "idle",
    about: "what a node costs that has nothing to do",
    samples: 7,
    variants: [variant({ args: ["3"] }), variant({ args: ["50"] })],
    parts: [],
  },
];

/** The reference's rule of propagation, shown beside the eager lane. */
export const TICKS: Variant = variant({ args: ["ticks"] });

/** @throws Error if there is no benchmark of that name. */
export function benchmarkOf(name: string): Benchmark {
  const found = BENCHMARKS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no benchmark of which a sample can be taken: ${name}`);
  return found;
}

function variant(what: Partial<Variant>): Variant {
  return { name: "", args: [], nodeFlags: [], isBesideBusyCore: false, ...what };
}
