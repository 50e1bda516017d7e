import type { Serf } from "@hearsay/core/serf";
import type { Closing } from "../base/closing.ts";
import type { MessagingHost } from "../messaging/host.ts";
import { extensionsFault, sendReliable } from "../node/unicast.ts";
import type { SerfHost } from "../serf/serf-host.ts";
import type { Conductor } from "./conductor.ts";

/** A node as the application's side of Serf knows it. */
export function serfHost(conductor: Conductor, serf: Serf, closing: Closing): SerfHost {
  const { node, platform, lifecycle, log, settings } = conductor;
  const { engine } = node;
  return {
    serf,
    clock: platform.clock,
    handlersAtWork: conductor.handlersAtWork,
    closing,
    queueMax: settings.messagesMax,
    presentCount: () => conductor.presentCount,
    presentNames: () => node.namesOf("alive", "suspect", "leaving"),
    awayNames: () => node.namesOf("dead"),
    isGone: (name) => node.goneAs(name) !== null,
    assertRunning: () => lifecycle.assertRunning(),
    run: (call) => engine.run((now) => call(now, engine)),
    warn: (text, fields) => log.repeated(text, "warn", text, fields),
  };
}

/** A node as messaging knows it. */
export function messagingHost(conductor: Conductor): MessagingHost {
  const { node, platform, lifecycle, log, settings } = conductor;
  const { clock } = platform;
  return {
    extensionsOn: settings.extensions,
    payloadBytesMax: node.swim.payloadBytesMax,
    messagesMax: settings.messagesMax,
    handlersAtWork: conductor.handlersAtWork,
    // What peers can cause at will is said once in a while for each text.
    logger: { warn: (text, facts) => log.repeated(text, "warn", text, facts) },
    goneAs: (member) => node.goneAs(member),
    nowMs: () => clock.wallNow(),
    elapsedMs: () => clock.now(),
    broadcast: (bytes, { rumorClass, source }) => {
      if (source === null) lifecycle.assertRunning();
      conductor.broadcast(bytes, { rumorClass, source, extension: true });
    },
    sendReliable: (to, bytes) => extensionsFault(node, to) ?? sendReliable(node, to, bytes),
    setTimer: (ms, fn) => clock.after(ms, fn),
  };
}
