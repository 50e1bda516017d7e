import { HearsayError, joinSilentError } from "../base/errors.ts";
import type { NodeSettings } from "../node/settings.ts";
import type { JoinReport } from "./seed-keeper.ts";

/** The error of a join that reached no node; null if it reached one, or had no targets. */
export function joinError({ contacted, failures }: JoinReport, settings: NodeSettings): HearsayError | null {
  if (contacted > 0 || failures.length === 0) return null;
  const isSilent = failures.every(({ reason }) => reason === "silence" || reason === "unreadable");
  if (isSilent) {
    // Peers accepted connections but gave no readable answer.
    const label = Buffer.from(settings.wire.label).toString();
    const encrypted = settings.keyring !== null;
    return joinSilentError({ targets: failures.map(({ target }) => target), label, encrypted });
  }
  const reasons = failures.map(({ target, reason, detail }) => `${target}: ${reason} (${detail})`).join("; ");
  return new HearsayError("ERR_JOIN_FAILED", `nobody could be joined: ${reasons}`, { failures });
}
