import { availableParallelism } from "node:os";
import type { AgentStats } from "../../operations/agent-operations.ts";
import type { RpcUsage } from "./rpc-usage.ts";

type Figures = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Go's names of processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/**
 * The answer to `stats` (docs/protocol/serf.md, section 23.1): everything as text. Serf's agent has no groups `rpc`,
 * `scripts` and `log`.
 */
export function statsFigures(stats: AgentStats, usage: RpcUsage): Figures {
  const { name, tags, members, isEncrypted, awareness, serf, handlers, figures } = stats;
  const cpus = availableParallelism();
  return new Map([
    ["agent", texts({ name })],
    [
      "runtime",
      texts({
        os: process.platform,
        arch: ARCHITECTURES[process.arch] ?? process.arch,
        version: `node${process.version}`,
        max_procs: cpus,
        // JavaScript runs in one thread.
        goroutines: 1,
        cpu_count: cpus,
      }),
    ],
    [
      "serf",
      texts({
        members,
        failed: serf?.failed ?? 0,
        left: serf?.left ?? 0,
        health_score: awareness,
        member_time: serf?.memberTime ?? 0,
        event_time: serf?.eventTime ?? 0,
        query_time: serf?.queryTime ?? 0,
        intent_queue: serf?.intentQueue ?? 0,
        event_queue: serf?.eventQueue ?? 0,
        query_queue: serf?.queryQueue ?? 0,
        encrypted: String(isEncrypted),
        coordinate_resets: serf?.coordinateResets ?? 0,
      }),
    ],
    ["rpc", texts({ ...snakeCased(usage) })],
    ["scripts", texts(snakeCased(figures.scripts))],
    ["log", texts(snakeCased(figures.log))],
    ["tags", new Map(Object.entries(tags))],
    ["event_handlers", scripts(handlers)],
  ]);
}

function texts(figures: Readonly<Record<string, string | number>>): Map<string, string> {
  return new Map(Object.entries(figures).map(([name, value]) => [name, String(value)]));
}

/** `connectionsCut` as `connections_cut`. */
function snakeCased(figures: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}

function scripts(handlers: AgentStats["handlers"]): Map<string, string> {
  const byFilter = new Map<string, string>();
  for (const { filters, script } of handlers) {
    for (const { type, name } of filters) byFilter.set(name === "" ? type : `${type}:${name}`, script);
  }
  return byFilter;
}
