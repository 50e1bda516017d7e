import { lookup as dnsLookup } from "node:dns/promises";
import { type Address, addressFromText } from "@hearsay/core";
import { type Clock, systemClock } from "../base/clock.ts";
import { messageOf } from "../base/message-of.ts";
import { onceAborted } from "../base/signals.ts";
import type { JoinTarget } from "./targets.ts";

/** Which addresses of a name to use. */
export type Family = "any" | "ipv4" | "ipv6";

/** Finds all addresses of a host name, as IP literals. Rejects or returns none if there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Turns a configured target into addresses; rejects with the reason why it can't. */
export type Resolve = (target: string, signal: AbortSignal) => Promise<readonly Address[]>;

/** How to look names up. */
export interface ResolveOptions {
  /** @defaultValue "any" */
  readonly family?: Family;
  /** Time for each name. @defaultValue 5000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** @defaultValue the system's resolver, by `dns.lookup` */
  readonly lookup?: Lookup;
  /** Calls `fn` once after a time; returns what prevents it. @defaultValue the process's timers */
  readonly after?: Clock["after"];
}

/** One address to join at. */
export interface ResolvedTarget {
  readonly target: JoinTarget;
  /** Whom to expect there, or null. */
  readonly name: string | null;
  readonly address: Address;
}

/** Why a target has no address to offer. */
export type ResolveReason =
  /** The name doesn't exist or has no addresses. */
  | "not-found"
  /** All its addresses are of the family that is not wanted. */
  | "family"
  /** The resolver didn't answer in time. */
  | "timeout"
  | "aborted"
  /** The resolver failed in some other way, as when it can't be reached: try again later. */
  | "failed";

/** A target that has no address to offer. */
export interface ResolveFailure {
  readonly target: JoinTarget;
  readonly reason: ResolveReason;
  readonly detail: string;
}

/** What came of resolving some targets. */
export interface Resolution {
  /** In the order of the targets; each address once for each name that is expected there. */
  readonly addresses: readonly ResolvedTarget[];
  readonly failures: readonly ResolveFailure[];
}

/** Finds the addresses of targets, all names at the same time. Never rejects: failures are part of the result. */
export async function resolveTargets(
  targets: readonly JoinTarget[],
  options: ResolveOptions = {},
): Promise<Resolution> {
  const results = await Promise.all(targets.map((target) => resolveOne(target, options)));
  const addresses = new Map<string, ResolvedTarget>();
  const failures: ResolveFailure[] = [];
  for (const result of results) {
    if (!Array.isArray(result)) failures.push(result);
    else for (const found of result) addresses.set(`${found.name ?? ""}/${found.address.key}`, found);
  }
  return { addresses: [...addresses.values()], failures };
}

/** The addresses by the system's resolver: the same answers that every other program of the machine gets. */
export const systemLookup: Lookup = async (host) => {
  const found = await dnsLookup(host, { all: true });
  return found.map(({ address }) => address);
};

async function resolveOne(target: JoinTarget, options: ResolveOptions): Promise<ResolvedTarget[] | ResolveFailure> {
  const literal = addressFromText(target.host, target.port);
  if (literal !== null) return choose(target, [literal], options.family);
  const fail = (reason: ResolveReason, detail: string): ResolveFailure => ({ target, reason, detail });
  if (options.signal?.aborted) return fail("aborted", `looking up ${target.host} was aborted`);
  const lookup = options.lookup ?? systemLookup;
  const timeoutMs = options.timeoutMs ?? 5000;
  const giveUp = new Waiting(options.after ?? systemClock.after, timeoutMs, options.signal);
  try {
    const answer = await Promise.race([lookup(target.host), giveUp.promise]);
    if (answer === "timeout") return fail("timeout", `looking up ${target.host} took more than ${timeoutMs} ms`);
    if (answer === "aborted") return fail("aborted", `looking up ${target.host} was aborted`);
    const found = answer.flatMap((text) => addressFromText(text, target.port) ?? []);
    return found.length === 0
      ? fail("not-found", `${target.host} has no addresses`)
      : choose(target, found, options.family);
  } catch (error) {
    const isMissing =
      error instanceof Error && "code" in error && ["ENOTFOUND", "ENODATA"].includes(String(error.code));
    const detail = `looking up ${target.host}: ${messageOf(error)}`;
    return fail(isMissing ? "not-found" : "failed", detail);
  } finally {
    giveUp.stop();
  }
}

function choose(
  target: JoinTarget,
  found: readonly Address[],
  family: Family = "any",
): ResolvedTarget[] | ResolveFailure {
  const bytes = family === "ipv4" ? 4 : 16;
  const wanted = family === "any" ? found : found.filter((address) => address.ip.length === bytes);
  if (wanted.length === 0) return { target, reason: "family", detail: `${target.host} has no ${family} address` };
  return wanted.map((address) => ({ target, name: target.name, address }));
}

/** Resolves when time is up or the signal says so. */
class Waiting {
  readonly promise: Promise<"timeout" | "aborted">;
  readonly stop: () => void;

  constructor(after: Clock["after"], timeoutMs: number, signal: AbortSignal | undefined) {
    let stop = () => {};
    this.promise = new Promise((resolve) => {
      const cancelTimer = after(timeoutMs, () => resolve("timeout"));
      const stopListening = onceAborted(signal, () => resolve("aborted"));
      stop = () => {
        cancelTimer();
        stopListening();
      };
    });
    this.stop = stop;
  }
}
