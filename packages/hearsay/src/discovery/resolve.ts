import { lookup as dnsLookup } from "node:dns/promises";
import { type Address, addressFromText } from "@hearsay/core";
import { type Clock, systemClock } from "../base/clock.ts";
import { messageOf } from "../base/message-of.ts";
import { onceAborted } from "../base/signals.ts";
import type { JoinTarget } from "./targets.ts";

/** Which addresses of a name to use. */
export type Family = "any" | "ipv4" | "ipv6";

/** Finds all addresses of a host name, as IP literals. If there are none, rejects or returns an empty list. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** Resolves a configured target to addresses; rejects with the reason if it can't. */
export type Resolve = (target: string, signal: AbortSignal) => Promise<readonly Address[]>;

/** How to look up names. */
export interface ResolveOptions {
  /** @defaultValue "any" */
  readonly family?: Family;
  /** Time for each name. @defaultValue 5000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** @defaultValue the system's resolver, by `dns.lookup` */
  readonly lookup?: Lookup;
  /** Calls `fn` once after a time; returns a function that cancels it. @defaultValue the process's timers */
  readonly after?: Clock["after"];
}

/** One address to join. */
export interface ResolvedTarget {
  readonly target: JoinTarget;
  /** The expected member name there, or null. */
  readonly name: string | null;
  readonly address: Address;
}

/** Why a target has no usable address. */
export type ResolveReason =
  /** The name doesn't exist or has no addresses. */
  | "not-found"
  /** All its addresses are of the other family. */
  | "family"
  /** The resolver didn't answer in time. */
  | "timeout"
  | "aborted"
  /** The resolver failed in another way, such as being unreachable: try again later. */
  | "failed";

/** A target without a usable address. */
export interface ResolveFailure {
  readonly target: JoinTarget;
  readonly reason: ResolveReason;
  readonly detail: string;
}

/** The result of resolving targets. */
export interface Resolution {
  /** In the order of the targets; each address once per expected name. */
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

/** Looks up addresses by the system's resolver, with the same answers as other programs on the machine. */
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
    const detail = `${target.host} can't be resolved: ${messageOf(error)}`;
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
  const name = family === "ipv4" ? "IPv4" : "IPv6";
  if (wanted.length === 0) return { target, reason: "family", detail: `${target.host} has no ${name} address` };
  return wanted.map((address) => ({ target, name: target.name, address }));
}

/** Resolves when the time is over or the signal aborts. */
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
