import type { Log } from "../base/logger.ts";

/** What the advice depends on. */
export interface KeyAdviceParts {
  readonly log: Log;
  /** Whether this node encrypts. */
  readonly isEncrypted: boolean;
  readonly keyFile: string | null;
  /** Whether no other member is present. */
  readonly isAlone: () => boolean;
}

/**
 * Logs advice once on a node that is alone because its keys don't fit: the others may have changed the pool's key while
 * it was away, and refuse it without an error.
 */
export class KeyAdvice {
  readonly #parts: KeyAdviceParts;
  #isGiven = false;

  constructor(parts: KeyAdviceParts) {
    this.#parts = parts;
  }

  /** This node can't decrypt what a peer sends, or the peer closes the stream without an answer. */
  misunderstood(peer: string): void {
    const { log, isEncrypted, keyFile, isAlone } = this.#parts;
    if (this.#isGiven || !isEncrypted || !isAlone()) return;
    this.#isGiven = true;
    const where = keyFile === null ? "encryption.keys" : `its key file ${keyFile}`;
    log.warn(
      "none of this node's keys is of use with a peer: if the pool's key was changed while this node was away, " +
        `put the new one into ${where} and start it again`,
      { peer },
    );
  }
}
