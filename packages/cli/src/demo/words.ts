import type { ProbeReport } from "hearsay";
import type { CauseReport } from "./reports.ts";

/** The name of the node at an address; null for the ephemeral address of a stream. */
export type NameOf = (address: string) => string | null;

/** A cause as text, shown beside the change that it led to. */
export function causeText(cause: CauseReport, nameOf: NameOf): string {
  switch (cause.kind) {
    case "started":
      return "it came up";
    case "announced":
      return `it announced itself${pathText(cause, nameOf)}`;
    case "accused":
      if (cause.probe !== null) return probeText(cause.probe, cause.by);
      return `accused by ${cause.by}${pathText(cause, nameOf)}`;
    case "confirmed":
      if (cause.probe !== null) return `confirmed: ${probeText(cause.probe, cause.by)}`;
      return `${cause.by} accuses it too${pathText(cause, nameOf)}`;
    case "refuted":
      return `refuted with incarnation ${cause.incarnation}${pathText(cause, nameOf)}`;
    case "expired":
      return `nobody refuted in time; accused by ${listText(cause.accusers)}`;
    case "declared":
      return `declared failed by ${cause.by}${pathText(cause, nameOf)}`;
    case "departed":
      return `it said goodbye${pathText(cause, nameOf)}`;
    case "intended":
      return `it said that it is about to leave${pathText(cause, nameOf)}`;
    case "stayed":
      return "it was said to leave, and is still here";
    case "removed":
      return `somebody had it removed${pathText(cause, nameOf)}`;
    case "forgotten":
      return "gone for so long that it is forgotten";
  }
}

/** A time span as short text. */
export function spanText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "a", "a and b", "a, b and c". */
export function listText(names: readonly string[]): string {
  if (names.length === 0) return "nobody";
  const last = names.at(-1) ?? "";
  return names.length === 1 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

function probeText({ direct, helpers, nacks, stream }: ProbeReport, by: string): string {
  const found = [direct === "silent" ? "no answer" : "nothing could be sent"];
  if (helpers.length > 0) found.push(`${listText(helpers)} asked to try, ${nacks} of them report no answer`);
  if (stream !== "off") found.push(stream === "refused" ? "TCP refused" : "TCP silent");
  return `${by}'s probe: ${found.join("; ")}`;
}

/** How the news arrived, and through which node, unless that is its author. */
function pathText({ path, from, by }: CauseReport, nameOf: NameOf): string {
  const messenger = from === null ? null : nameOf(from);
  const through = messenger === null || messenger === by ? "" : ` through ${messenger}`;
  if (path === "packet") return ` (gossip${through})`;
  return path === "sync" ? ` (push/pull${through})` : "";
}
