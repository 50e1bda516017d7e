/** Most input that is kept for a stopped process; further datagrams are lost, as with a full socket buffer. */
const ARRIVALS_MAX = 4096;

/**
 * The gate between the network and one node, as between a machine and a process. While the process is stopped, due
 * timers and arrivals wait; on resuming, the timers run first.
 */
export class ProcessGate {
  readonly #soon: (run: () => void) => void;
  #isShut = false;
  #timers: (() => void)[] = [];
  #arrivals: (() => void)[] = [];

  /** `soon` runs a function as soon as the current call is over. */
  constructor(soon: (run: () => void) => void) {
    this.#soon = soon;
  }

  get isShut(): boolean {
    return this.#isShut;
  }

  /** Runs a due timer, now or when the process resumes. */
  timer(run: () => void): void {
    if (this.#isShut) this.#timers.push(run);
    else run();
  }

  /** Handles an arrival, now or when the process resumes. */
  arrival(run: () => void): void {
    if (this.#isShut) this.#arrivals.push(run);
    else run();
  }

  /** Handles a datagram, which may be lost. */
  datagram(run: () => void): void {
    if (this.#arrivals.length < ARRIVALS_MAX) this.arrival(run);
  }

  /** Settles when the process is running. */
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

  /** The process is gone: drops everything that waits for it. */
  discard(): void {
    this.#isShut = false;
    this.#timers = [];
    this.#arrivals = [];
  }
}
