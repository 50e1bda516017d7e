import type { Cause, CoreEvent, MemberStatus, MemberView, Swim } from "@hearsay/core";
import type { Serf } from "@hearsay/core/serf";
import type { Clock } from "../base/clock.ts";
import { causeOf, type Member, memberOf, NO_TAGS } from "./member.ts";
import type { MemberTags, TagReader } from "./member-tags.ts";
import type { MembersPage } from "./members-page.ts";

/** Most round trips that are remembered. */
const ROUND_TRIPS_MAX = 65_536;

/** What a roster is read from. */
export interface RosterParts {
  readonly swim: Swim;
  /** Null in the flavour `memberlist`. Serf also knows members that have long been gone. */
  readonly serf: Serf | null;
  readonly tagReader: TagReader;
  readonly clock: Clock;
}

/** The members of a cluster as one node sees them, in their public form. */
export class Roster {
  readonly #swim: Swim;
  readonly #serf: Serf | null;
  readonly #tagReader: TagReader;
  readonly #clock: Clock;
  readonly #roundTrips = new Map<string, number>();

  constructor({ swim, serf, tagReader, clock }: RosterParts) {
    this.#swim = swim;
    this.#serf = serf;
    this.#tagReader = tagReader;
    this.#clock = clock;
  }

  /** Records round trips. */
  handle(event: CoreEvent): void {
    if (event.type === "ping-answered") {
      const isKnown = this.#roundTrips.has(event.name);
      if (isKnown || this.#roundTrips.size < ROUND_TRIPS_MAX) this.#roundTrips.set(event.name, event.roundTripMs);
    } else if (event.type === "member" && event.kind === "reaped") {
      this.#roundTrips.delete(event.member.name);
    }
  }

  /** Number of members that have neither failed nor left, this node included. */
  get presentCount(): number {
    return this.#swim.count("alive") + this.#swim.count("suspect");
  }

  /** One member as the core sees it. */
  view(name: string): MemberView | undefined {
    return (this.#serf ?? this.#swim).member(name);
  }

  /** One member by its name, whatever its status; undefined if it is unknown or forgotten. */
  get(name: string): Member | undefined {
    const view = this.view(name);
    return view === undefined ? undefined : this.member(view);
  }

  /** The public form of a core view. */
  member(view: MemberView): Member {
    return memberOf(view, this.#wallOffsetMs, this.#roundTrips.get(view.name) ?? null, this.tagsOf(view));
  }

  /** All members, ordered by name, including those that have failed or left and are not forgotten yet. */
  all(): Member[] {
    const views = this.#views();
    views.sort((a, b) => (a.name < b.name ? -1 : 1));
    return views.map((view) => this.member(view));
  }

  /** Members that have neither failed nor left and whose names follow `after`, at most `limit`, created on reading. */
  page(after: string, limit: number): MembersPage {
    const present = this.#views().filter(({ status }) => status !== "failed" && status !== "left");
    const names = present
      .map(({ name }) => name)
      .filter((name) => name > after)
      .sort();
    const listed = names.slice(0, limit);
    const wanted = new Set(listed);
    const views = new Map(present.filter(({ name }) => wanted.has(name)).map((view) => [view.name, view]));
    const next = names.length > limit ? (listed.at(-1) ?? null) : null;
    return { total: present.length, next, members: this.#made(listed, views) };
  }

  /** Names of members in one of these statuses, in no order. */
  namesOf(...statuses: readonly MemberStatus[]): string[] {
    return this.#views()
      .filter(({ status }) => statuses.includes(status))
      .map(({ name }) => name);
  }

  /** Whether a member has failed or left; null if it is present or unknown. */
  goneAs(name: string): "failed" | "left" | null {
    const status = this.view(name)?.status;
    return status === "failed" || status === "left" ? status : null;
  }

  /** A member's tags; none in the flavour `memberlist`. */
  tagsOf({ meta }: MemberView): MemberTags {
    return this.#serf === null ? NO_TAGS : this.#tagReader.tags(meta);
  }

  /**
   * Whether a member's tags announce Hearsay's extensions. Always true in the flavour `memberlist`, where members don't
   * announce them.
   */
  hasExtensions({ meta }: MemberView): boolean {
    return this.#serf === null || this.#tagReader.hasExtensions(meta);
  }

  /** The causes of a member's status, oldest first, with times since the epoch. */
  explain(name: string): Cause[] {
    return this.#swim.explain(name).map((cause) => this.cause(cause));
  }

  /** A cause with its times since the epoch. */
  cause(cause: Cause): Cause {
    return causeOf(cause, this.#wallOffsetMs);
  }

  get #wallOffsetMs(): number {
    return this.#clock.wallNow() - this.#clock.now();
  }

  #views(): MemberView[] {
    return (this.#serf ?? this.#swim).members();
  }

  *#made(names: readonly string[], views: ReadonlyMap<string, MemberView>): Generator<Member, void, undefined> {
    for (const name of names) {
      const view = views.get(name);
      if (view !== undefined) yield this.member(view);
    }
  }
}
