import { until } from "../until.ts";
import type { Peer } from "./peer.ts";

/** The agents of one pool: the one that the command talks to, and real ones beside it. */
export interface CliPool {
  readonly subject: Peer;
  readonly beta: Peer;
  readonly gamma: Peer;
}

/** One command, and what must be so before it. */
export interface CliStep {
  /** Words of the command, without where the agent is. `{beta}` stands for that agent's address. */
  readonly words: string;
  /** Whether the order of lines means nothing. */
  readonly isUnordered?: true;
  /** Ends the command after so long, as nothing else does. */
  readonly endsAfterMs?: number;
  readonly before?: (pool: CliPool) => Promise<void>;
}

const NEXT_KEY = Buffer.alloc(16, 5).toString("base64");
const ABSENT_KEY = Buffer.alloc(16, 6).toString("base64");

const unordered = (words: string): CliStep => ({ words, isUnordered: true });

/** Every command that a user drives an agent with. */
export const CLI_STEPS: readonly CliStep[] = [
  unordered("members"),
  unordered("members -detailed"),
  unordered("members -format=json"),
  unordered("members -status=alive"),
  unordered("members -status=failed"),
  unordered("members -name=be.*"),
  unordered("members -name=be"),
  unordered("members -tag role=web"),
  unordered("members -tag role=w.* -name=alpha"),
  unordered("members -role=db"),
  unordered("members -format=xml"),
  unordered("members -name=("),
  { words: "event deploy v1" },
  { words: "event -coalesce=false deploy v1" },
  { words: "event" },
  { words: `event deploy ${"x".repeat(600)}` },
  { words: `event ${"n".repeat(200)} ${"x".repeat(306)}` },
  unordered("query -timeout=1s load 42"),
  unordered("query -timeout=1s -no-ack load"),
  unordered("query -timeout=1s -node=beta load"),
  unordered("query -timeout=1s -tag role=db load"),
  unordered("query -timeout=1s -tag role=^d -node=alpha load"),
  unordered("query -timeout=1s -relay-factor=2 load"),
  unordered("query -timeout=1s -format=json -node=alpha load"),
  unordered("query -timeout=1s nobody-answers"),
  { words: "query _serf_conflict alpha" },
  { words: `query load ${"x".repeat(2000)}` },
  { words: "query" },
  unordered("info"),
  unordered("info -format=json"),
  { words: "rtt alpha beta" },
  { words: "rtt beta" },
  { words: "rtt beta gamma" },
  { words: "rtt nobody" },
  { words: "tags -set zone=a -set role=api" },
  unordered("members -name=alpha"),
  {
    words: "tags -delete zone -set role=web",
    before: ({ subject }) => untilHeard(subject, "alpha", "member-update", 1),
  },
  unordered("members -name=alpha"),
  {
    words: "tags -set role=web",
    before: ({ subject }) => untilHeard(subject, "alpha", "member-update", 2),
  },
  { words: `tags -set long=${"x".repeat(600)}` },
  { words: "tags" },
  unordered("keys -list"),
  unordered(`keys -install=${NEXT_KEY}`),
  unordered("keys -list"),
  unordered(`keys -use=${NEXT_KEY}`),
  unordered(`keys -remove=${NEXT_KEY}`),
  unordered(`keys -use=${ABSENT_KEY}`),
  { words: "join {beta}" },
  { words: "join -replay {beta} {gamma}" },
  { words: "join 127.0.0.1:1" },
  { words: "join {beta} 127.0.0.1:1" },
  { words: "reachability" },
  unordered("reachability -verbose"),
  { words: "force-leave nobody" },
  {
    ...unordered("members -status=failed"),
    before: async ({ subject, gamma }) => {
      await gamma.kill();
      await untilHeard(subject, "gamma", "member-failed", 1);
    },
  },
  { words: "force-leave gamma" },
  unordered("members -name=gamma"),
  { words: "force-leave -prune gamma", before: ({ subject }) => untilHeard(subject, "gamma", "member-leave", 1) },
  { ...unordered("members"), before: ({ subject }) => untilHeard(subject, "gamma", "member-reap", 1) },
  { ...unordered("monitor -log-level=info"), endsAfterMs: 1000 },
  { words: "monitor -log-level=loud" },
  { words: "leave" },
  { words: "members", before: async ({ subject }) => void (await subject.ended) },
];

/** Events about members are gathered for a second: what is delivered together depends on chance unless it is waited for. */
async function untilHeard(peer: Peer, name: string, type: string, times: number): Promise<void> {
  const missing = (): string | null => {
    const heard = peer.memberEvents(name);
    return heard.filter((one) => one === type).length >= times ? null : heard.join();
  };
  await until(`${peer.name} hears ${type} of ${name}`, missing, 30_000);
}
