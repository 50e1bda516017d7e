/** A part of the command's output that may differ between agents. */
export interface AllowedDifference {
  readonly what: string;
  readonly pattern: RegExp;
  /** Replaces the part before two outputs are compared. */
  readonly placeholder: string;
}

/**
 * All allowed differences between the `serf` command's output from our agent and from Serf's: addresses, times,
 * versions and momentary counts. Any other difference fails the comparison.
 */
export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [
  { what: "addresses, whose ports are free ones", pattern: /127\.0\.0\.1:\d+/g, placeholder: "ADDRESS" },
  { what: "the same in JSON", pattern: /"port": \d+/g, placeholder: '"port": PORT' },
  { what: "round trips", pattern: /rtt: [\d.]+ ms/g, placeholder: "rtt: TIME" },
  { what: "times of a query", pattern: /(time|response): [\d.]+ sec/g, placeholder: "$1: TIME" },
  { what: "times of log lines", pattern: /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/gm, placeholder: "TIME" },
  {
    what: "the runtime's version",
    pattern: /version("?(?:: | = )"?)(?:go|node)[^\s",]+/g,
    placeholder: "version$1VERSION",
  },
  {
    what: "goroutines, of which JavaScript has one",
    pattern: /goroutines("?(?:: | = )"?)\d+/g,
    placeholder: "goroutines$1N",
  },
  { what: "messages that are being told", pattern: /_queue("?(?:: | = )"?)\d+/g, placeholder: "_queue$1N" },
  { what: "the health of a moment", pattern: /health_score("?(?:: | = )"?)\d+/g, placeholder: "health_score$1N" },
  {
    what: "figures that Serf's agent has not",
    pattern: /^(?:rpc|scripts|log):\n(?:\s+\S+ = .*\n)+/gm,
    placeholder: "",
  },
  { what: "the same in JSON", pattern: /^ *"(?:rpc|scripts|log)": \{[^}]*\},?\n/gm, placeholder: "" },
  { what: "padding after addresses", pattern: / {2,}/g, placeholder: "  " },
];

/**
 * Log lines that both agents write; each agent also has lines of its own about its internals. Serf's agent delivers an
 * update again with each later batch, ours doesn't.
 */
export const COMMON_LOG_LINES: RegExp = /\[INFO\] (?:agent: Received event: (?!member-update)|serf: EventMember)/;

/** The lines among them that report a batch of changes. */
export const BATCH_LOG_LINES: RegExp = /agent: Received event: member-/;
