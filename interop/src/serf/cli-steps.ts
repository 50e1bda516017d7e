import { until } from "../until.ts";
import type { Peer } from "./peer.ts";

/** The agents of one pool: the one that the command drives, and two real ones. */
export interface CliPool {
  readonly subject: Peer;
  readonly beta: Peer;
  readonly gamma: Peer;
}

/** One command, and its precondition. */
export interface CliStep {
  /**
   * The words of the command, without the agent's address. `{beta}` stands for that agent's address, `{patience}` for a
   * time.
   */
  readonly words: string;
  /** Whether the order of the lines is irrelevant. */
  readonly isUnordered?: true;
  /** The command is ended once its output matches this; it doesn't end by itself. */
  readonly endsWith?: RegExp;
  /** The output matches this if all members have answered in time. */
  readonly complete?: RegExp;
  readonly before?: (pool: CliPool) => Promise<void>;
}

const NEXT_KEY = Buffer.alloc(16, 5).toString("base64");
const ABSENT_KEY = Buffer.alloc(16, 6).toString("base64");

const unordered = (words: string): CliStep => ({ words, isUnordered: true });

/** A command that all members must answer; its output, in any order of lines, shows whether they did. */
const answered = (words: string, complete: RegExp): CliStep => ({ ...unordered(words), complete });

const query = (words: string, complete: RegExp): CliStep => answered(`query -timeout={patience} ${words}`, complete);

const acknowledged = (acks: number, answers: number): RegExp =>
  new RegExp(`Total Acks: ${acks}\nTotal Responses: ${answers}\\b`);

/** Every command by which a user drives an agent. */
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
  query("load 42", acknowledged(3, 3)),
  query("-no-ack load", /Total Responses: 3\b/),
  query("-node=beta load", acknowledged(1, 1)),
  query("-tag role=db load", acknowledged(2, 2)),
  query("-tag role=^d -node=alpha load", acknowledged(0, 0)),
  query("-relay-factor=2 load", acknowledged(3, 3)),
  query("-format=json -node=alpha load", /"alpha": "/),
  query("nobody-answers", acknowledged(3, 0)),
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
  answered("keys -list", /Keys gathered/),
  answered(`keys -install=${NEXT_KEY}`, /Successfully installed key/),
  answered("keys -list", /Keys gathered/),
  answered(`keys -use=${NEXT_KEY}`, /Successfully changed primary key/),
  answered(`keys -remove=${NEXT_KEY}`, /3\/3 nodes reported failure/),
  answered(`keys -use=${ABSENT_KEY}`, /3\/3 nodes reported failure/),
  { words: "join {beta}" },
  { words: "join -replay {beta} {gamma}" },
  { words: "join 127.0.0.1:1" },
  { words: "join {beta} 127.0.0.1:1" },
  answered("reachability", /Successfully contacted all live nodes/),
  answered("reachability -verbose", /Successfully contacted all live nodes/),
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
  { ...unordered("monitor -log-level=info"), endsWith: /agent: Received event: member-reap/ },
  { words: "monitor -log-level=loud" },
  { words: "leave" },
  { words: "members", before: async ({ subject }) => void (await subject.ended) },
];

/**
 * Waits for a member event. Member events are gathered for a second; without the wait their batches would depend on
 * chance.
 */
async function untilHeard(peer: Peer, name: string, type: string, times: number): Promise<void> {
  const missing = (): string | null => {
    const heard = peer.memberEvents(name);
    return heard.filter((one) => one === type).length >= times ? null : heard.join();
  };
  await until(`${peer.name} hears ${type} of ${name}`, missing, 120_000);
}
