/** One way of running a benchmark's sample. */
export interface Variant {
  /** What differs from the others of the benchmark, in words that can follow a comma; empty where nothing does. */
  readonly name: string;
  /** The words behind the script. */
  readonly args: readonly string[];
  /** Flags of Node. Only what says so in its name has any. */
  readonly nodeFlags: readonly string[];
  /** Another process spins on a core meanwhile. */
  readonly isBesideBusyCore: boolean;
}

/**
 * A benchmark of which one sample can be taken: a script in a fresh process that prints its figures as JSON. The script is
 * `bench/dist/samples/<name>.js` in every revision, and its words and flags are these: so that another revision's can be
 * run, too.
 */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** Samples of which `npm run bench -- <name>` prints the median. */
  readonly samples: number;
  readonly variants: readonly Variant[];
  /** What its script starts as processes of their own, beside it in the folder of samples. */
  readonly parts: readonly string[];
}

/** A young generation of 256 MiB, in which nothing of a short run is ever collected. */
const YOUNG_GENERATION = ["--min-semi-space-size=256", "--max-semi-space-size=256"];

export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "micro",
    about: "time and garbage of single operations, beside the same in Go",
    samples: 9,
    variants: [
      variant({}),
      // Does not change how much garbage there is; see the script.
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

/** The reference's rule of propagation: what the page sets beside the eager lane. */
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
