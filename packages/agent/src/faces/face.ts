/** A way to drive the agent, as its end knows it. */
export interface Face {
  /** Takes no more clients, and gives those that it has `drainMs` to take what waits for them. Never rejects. */
  close(drainMs: number): Promise<void>;
}
