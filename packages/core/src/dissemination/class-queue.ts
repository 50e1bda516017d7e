import { ALL_KINDS, type Rumor, type Wanted } from "./rumor.ts";
import { RumorLists } from "./rumor-lists.ts";

/**
 * The rumors of one class, those for everybody and those for capable members apart, so that a packet for one who isn't
 * never walks over what it can't take. They share what the class is sure of.
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
   * A new packet: adds the share to what was saved, up to one packet's worth. A small packet, such as an ack with a
   * payload, takes nothing away: its worth is not what a long rumor waits for. An empty class saves nothing, and what
   * the packet can't take isn't saved for.
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

  /** The rumor to tell next: the least told, and of those the newest. */
  first(wanted: Wanted): Rumor | null {
    const plain = wanted.plain ? this.plain.first() : null;
    const extension = wanted.extensions ? this.extensions.first() : null;
    if (plain === null || extension === null) return plain ?? extension;
    if (plain.transmits !== extension.transmits) return plain.transmits < extension.transmits ? plain : extension;
    return newerOf(plain, extension);
  }

  /** The rumor to drop first: the one told most often, and of those the oldest. */
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
