import type { CoreEvent, MemberChange, Notice } from "@hearsay/core";
import type { Serf, SerfNotice } from "@hearsay/core/serf";
import type { Log } from "../base/logger.ts";
import type { KeyAdvice } from "./key-advice.ts";

/** The text that operators search for after a key change; rate-limited per peer. */
const WRONG_KEY = "gossip: failed to decode gossip message";
const WRONG_KEY_ERROR = "cipher: message authentication failed";

/**
 * Turns the core's events into log lines. Lines are rare, since a pool of thousands multiplies each. Members that come
 * and go are logged without a limit, so that the log of an outage is complete.
 */
export class EventLog {
  readonly #log: Log;
  readonly #keyAdvice: KeyAdvice;
  readonly #serf: Serf | null;

  constructor(log: Log, keyAdvice: KeyAdvice, serf: Serf | null) {
    this.#log = log;
    this.#keyAdvice = keyAdvice;
    this.#serf = serf;
  }

  /** Logs an event if it concerns the operator. */
  handle(event: CoreEvent): void {
    switch (event.type) {
      case "layer": {
        const told = this.#serf?.eventOf(event);
        if (told?.type === "notice") this.#serfNotice(told.notice);
        return;
      }
      case "member":
        return this.#change(event);
      case "notice":
        return this.#notice(event.notice);
      case "name-conflict":
        return this.#log.repeated(
          `conflict ${event.existing.name}`,
          "warn",
          "two nodes claim one name; the known one stays",
          {
            name: event.existing.name,
            known: event.existing.address.key,
            other: event.other.key,
          },
        );
      case "self-refuted":
        return this.#log.repeated("refuted", "warn", "this node was held to be failing and answered", {
          accuser: event.accuser,
          incarnation: event.incarnation,
        });
      case "packet-refused":
        return this.refused(event.from.host, event.from.key, event.fault.reason);
    }
  }

  /** Input could not be read, or a stream was refused. `peer` is for the line, `host` for its rate limit. */
  refused(host: string, peer: string, reason: string): void {
    if (reason === "cannot-decrypt") {
      this.#log.repeated(`key ${host}`, "warn", WRONG_KEY, { error: WRONG_KEY_ERROR, peer });
      this.#keyAdvice.misunderstood(peer);
    } else if (reason === "too-many-streams") {
      // One limit for all peers: each new stream meets the same condition.
      this.#log.repeated(reason, "warn", "refused streams of peers: limits.inboundConnectionsMax are open", {
        peer,
        reason,
      });
    } else {
      this.#log.repeated(`refused ${host} ${reason}`, "warn", "refused what a peer sent", { peer, reason });
    }
  }

  #change({ kind, member, cause }: MemberChange): void {
    if (member.isSelf) return;
    const fields = { member: member.name, address: member.address.key, by: cause.by };
    if (kind === "joined") this.#log.info("member joined", fields);
    else if (kind === "leaving") this.#log.info("member is leaving", fields);
    else if (kind === "left") this.#log.info("member left", fields);
    else if (kind === "failed") this.#log.warn("member failed", { ...fields, accusers: cause.accusers });
    else this.#log.debug(`member ${kind}`, fields);
  }

  #notice(notice: Notice["notice"]): void {
    switch (notice.kind) {
      case "slow":
        return this.#log.repeated(
          "slow",
          "warn",
          "this node is slow: it gives others more time before it accuses them",
          {
            lateMs: Math.round(notice.lateMs),
            score: notice.score,
          },
        );
      case "isolated":
        return this.#log.repeated("isolated", "warn", "no other member is alive to this node");
      case "datagrams-blocked":
        return this.#log.repeated(
          `blocked ${notice.name}`,
          "warn",
          "a member answers on its stream port but not to datagrams: firewall or path MTU?",
          { member: notice.name, address: notice.address.key },
        );
      case "incarnation-exhausted":
        return this.#log.error("this node cannot refute any more; give it another name", { accuser: notice.accuser });
      case "name-in-use":
        return this.#log.error("another live node answers to this node's name", {
          name: notice.name,
          address: notice.address.key,
        });
      case "bad-entries":
        return this.#log.repeated(
          "bad entries",
          "warn",
          "a peer's state has members that cannot be; they were skipped",
          {
            peer: notice.from.key,
            count: notice.count,
          },
        );
    }
  }

  #serfNotice(notice: SerfNotice["notice"]): void {
    switch (notice.kind) {
      case "clock-jump":
        return this.#log.repeated(
          "clock jump",
          "warn",
          "a logical clock jumped further than a cluster goes by itself",
          {
            clock: notice.clock,
            from: notice.from,
            to: notice.to,
            peer: notice.by?.key ?? null,
          },
        );
      case "outvoted":
        return this.#log.error("most members know this node's name from another address", {
          address: notice.address.key,
          answers: notice.answers,
          matching: notice.matching,
        });
      case "costly-filter":
        return this.#log.repeated(
          "costly filter",
          "warn",
          "a query's tag filter would cost too much; it was taken not to match",
          { member: notice.from },
        );
    }
  }
}
