import { ALL_KINDS, type Rumor, type Wanted } from "./rumor.ts";
import { RumorLists } from "./rumor-lists.ts";

/**
 * The rumors of one class. Rumors for all members and rumors for capable members are kept apart, so that a packet for a
 * member that isn't capable never walks over rumors that it can't take. Both use the guaranteed share of the class.
 */
export class ClassQueue {
  readonly plain: RumorLists = new RumorLists();
  readonly extensions: RumorLists = new RumorLists();
  /** Bytes of the current packet that this class may take before others. */
  credit = 0;

  /** Rumors that a packet may take. */
  size(wanted: Wanted): number {
    return (wanted.plain ? this.plain.size : 0) + (wanted.extensions ? this.extensions.size : 0);
  }

  /**
   * Starts a new packet: adds the share to the credit, up to the room of the packet. A small packet, such as an ack
   * with a payload, never reduces the credit, which a long rumor may need later. An empty class keeps no credit. A
   * packet that can take none of the rumors adds none.
   */
  grant(share: number, packetRoom: number, wanted: Wanted): void {
    if (this.size(ALL_KINDS) === 0) this.credit = 0;
    else if (this.size(wanted) > 0) {
      this.credit = Math.max(this.credit, Math.min(packetRoom, this.credit + share));
    }
  }

  listsOf({ isExtension }: Rumor): RumorLists {
    return isExtension ? this.extensions : this.plain;
  }

  /** The rumor to send next: the one sent least, and of those the newest. */
  first(wanted: Wanted): Rumor | null {
    const plain = wanted.plain ? this.plain.first() : null;
    const extension = wanted.extensions ? this.extensions.first() : null;
    if (plain === null || extension === null) return plain ?? extension;
    if (plain.transmits !== extension.transmits) return plain.transmits < extension.transmits ? plain : extension;
    return newerOf(plain, extension);
  }

  /** The rumor to drop first: the one sent most, and of those the oldest. */
  last(): Rumor | null {
    const plain = this.plain.last();
    const extension = this.extensions.last();
    if (plain === null || extension === null) return plain ?? extension;
    if (plain.transmits !== extension.transmits) return plain.transmits > extension.transmits ? plain : extension;
    return newerOf(plain, extension) === plain ? extension : plain;
  }
}

/** The newer of two rumors, one of which may be missing. */
export function newerOf(a: Rumor | null, b: Rumor | null): Rumor {
  return (b === null || (a !== null && a.id > b.id) ? a : b) as Rumor;
}
