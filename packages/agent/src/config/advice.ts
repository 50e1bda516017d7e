import { isIP } from "node:net";
import { parseDuration } from "hearsay/options";
import { type Configuration, effectiveValue } from "./configuration.ts";
import { type Origin, originText } from "./sources/origin.ts";

/** The key that OpenGSLB's documentation prints as an example. */
const PRINTED_KEY = "xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI=";

/** Fewer probe intervals leave a suspect hardly a chance to refute. */
const PATIENT_INTERVALS = 3;

/** What is allowed and unwise, as lines that name the place. */
export function adviceOn(configuration: Configuration): string[] {
  const { values } = configuration;
  const lines: string[] = [];
  const advise = (key: string, text: string): void => {
    lines.push(`${originText(originOf(key, configuration))}: ${text}`);
  };
  const ms = (name: string): number => parseDuration(effectiveValue(`timings.${name}`, configuration).text) ?? 0;
  const [interval, timeout] = [ms("probeInterval"), ms("probeTimeout")];
  if (interval > 0 && timeout >= interval) {
    advise(
      "timings.probeTimeout",
      `${timeout} ms is no shorter than the ${interval} ms between probes, so probes overlap`,
    );
  }
  const suspicion = ms("suspicionTimeout");
  if (suspicion > 0 && suspicion < PATIENT_INTERVALS * interval) {
    advise(
      "timings.suspicionTimeout",
      `${suspicion} ms are fewer than ${PATIENT_INTERVALS} probe intervals: a slow node is marked as failed before it can refute`,
    );
  }
  if (ms("pushPullInterval") === 0) {
    advise("timings.pushPullInterval", "without push/pull, a member that misses a piece of news never hears it");
  }
  const keys = values.get("encryption.keys")?.value;
  if (Array.isArray(keys) && keys.includes(PRINTED_KEY)) {
    advise(
      "encryption.keys",
      "this key is printed in documentation, so everybody has it; make one with `hearsay keygen`",
    );
  }
  const host = values.get("bind.host")?.value;
  // Without keys and without a host, the node listens on loopback.
  const isOpen = values.get("encryption")?.value === "off" && host !== undefined && !isLoopback(host);
  for (const key of ["encryption.verifyIncoming", "encryption.verifyOutgoing"]) {
    if (values.get(key)?.value !== false) continue;
    advise(key, "is for the time in which a pool switches to encryption: not all of its traffic is sealed");
  }
  if (isOpen) advise("encryption", "whoever reaches the port can join and change the cluster; give encryption.keys");
  if (!values.has("join") && configuration.node.join?.length === 0) {
    advise("join", "there is nothing to join, so this node waits for others to join it");
  }
  return lines;
}

function originOf(key: string, configuration: Configuration): Origin {
  const { origin } = effectiveValue(key, configuration);
  return origin.kind === "default" ? { kind: "default", key } : origin;
}

function isLoopback(host: unknown): boolean {
  if (typeof host !== "string") return false;
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
