import type { Serf } from "@hearsay/core/serf";
import type { Clock } from "../base/clock.ts";
import type { MessagingHost } from "../messaging/host.ts";
import { extensionsFault, sendReliable } from "../node/unicast.ts";
import type { SerfHost } from "../serf/serf-host.ts";
import type { ClusterRuntime } from "./cluster-runtime.ts";

/** The node, for the application's side of Serf. */
export function serfHost(runtime: ClusterRuntime, serf: Serf): SerfHost {
  const { node, platform, lifecycle, log, settings } = runtime;
  const { driver } = node;
  return {
    serf,
    clock: platform.clock,
    handlersAtWork: runtime.handlersAtWork,
    lifecycle,
    queueMax: settings.limits.messagesMax,
    presentCount: () => node.roster.presentCount,
    presentNames: () => node.roster.namesOf("alive", "suspect", "leaving"),
    awayNames: () => node.roster.namesOf("failed"),
    isGone: (name) => node.roster.goneAs(name) !== null,
    nameLost: (address) => runtime.nameLost(address),
    run: (call) => driver.run((now) => call(now, driver)),
    warn: (text, fields) => log.repeated(text, "warn", text, fields),
  };
}

/** The node, for messaging. */
export function messagingHost(runtime: ClusterRuntime): MessagingHost {
  const { node, platform, lifecycle, log, settings } = runtime;
  const { clock } = platform;
  return {
    extensionsOn: settings.extensions,
    payloadBytesMax: node.swim.payloadBytesMax,
    messagesMax: settings.limits.messagesMax,
    handlersAtWork: runtime.handlersAtWork,
    lifecycle,
    // Rate-limited per text, since peers can cause these lines at will.
    logger: { warn: (text, facts) => log.repeated(text, "warn", text, facts) },
    goneAs: (member) => node.roster.goneAs(member),
    nowMs: () => wallMs(clock),
    publish: (channel, payload, rumorClass) => {
      lifecycle.assertRunning();
      node.driver.run((now) => node.messaging.publish(now, channel, payload, rumorClass, wallMs(clock), node.driver));
    },
    sendReliable: (to, bytes) => extensionsFault(node, to) ?? sendReliable(node, to, bytes),
    setTimer: (ms, fn) => clock.after(ms, fn),
  };
}

/** Whole milliseconds since the epoch, as in envelopes. */
function wallMs(clock: Clock): number {
  return Math.max(0, Math.floor(clock.wallNow()));
}
