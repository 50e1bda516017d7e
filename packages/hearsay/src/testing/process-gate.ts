/** What a system keeps for a process that doesn't run; datagrams beyond it are lost, as from a full socket buffer. */
const ARRIVALS_MAX = 4096;

/**
 * The door between the network's time and one node, as between a machine and a process: while the process is stopped,
 * what falls due and what arrives waits behind it, and its timers are the first to go on.
 */
export class ProcessGate {
  readonly #soon: (run: () => void) => void;
  #isShut = false;
  #timers: (() => void)[] = [];
  #arrivals: (() => void)[] = [];

  /** `soon` runs something as soon as the present call is over. */
  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
  }

  get isShut(): boolean {
    return this.#isShut;
  }

  /** Runs what fell due, now or when the process goes on. */
  timer(run: () => void): void {
    if (this.#isShut) this.#timers.push(run);
    else run();
  }

  /** Runs what arrived, now or when the process goes on. */
  arrival(run: () => void): void {
    if (this.#isShut) this.#arrivals.push(run);
    else run();
  }

  /** An arrival that may be lost. */
  datagram(run: () => void): void {
    if (this.#arrivals.length < ARRIVALS_MAX) this.arrival(run);
  }

  /** Settles when the process runs. */
  passed(): Promise<void> {
    return this.#isShut ? new Promise((resolve) => this.#arrivals.push(resolve)) : Promise.resolve();
  }

  shut(): void {
    this.#isShut = true;
  }

  open(): void {
    if (!this.#isShut) return;
    this.#isShut = false;
    for (const run of [...this.#timers, ...this.#arrivals]) this.#soon(() => this.arrival(run));
    this.#timers = [];
    this.#arrivals = [];
  }

  /** The process is gone, and with it what waited for it. */
  discard(): void {
    this.#isShut = false;
    this.#timers = [];
    this.#arrivals = [];
  }
}
