/**
 * What each side may log. A line of memberlist that no rule expects fails the case, because the library logs complaints
 * about what it merely tolerates. Of Hearsay's log only warnings and errors count.
 *
 * A rule is a line with these placeholders: `{name}`, `{addr}` for host and port, `{n}` for a number, `{any}` for the
 * rest.
 */
const HEALTHY_GO: readonly string[] = [
  "[DEBUG] memberlist: Using dynamic bind port {n}",
  "[DEBUG] memberlist: Initiating push/pull sync with: {name} {addr}",
  "[DEBUG] memberlist: Initiating push/pull sync with: {addr}",
  "[DEBUG] memberlist: Initiating push/pull sync with:  {addr}",
  "[DEBUG] memberlist: Stream connection from={addr}",
  // A ping that a busy machine answers late. The cases check that it causes no suspicion: if a peer never answers
  // pings, memberlist logs that it is suspect, or that only TCP reaches it.
  "[DEBUG] memberlist: Failed UDP ping: {name} (timeout reached)",
  "[ERR] memberlist: Failed fallback TCP ping: timeout {any}s: read tcp {addr}->{addr}: i/o timeout",
];

/** A busy machine may be late, which Hearsay logs. */
const HEALTHY_HEARSAY: readonly string[] = ["[WARN] this node is slow{any}"];

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  name: "\\S+",
  addr: "(?:\\d+\\.\\d+\\.\\d+\\.\\d+|\\[[0-9a-f:.]+\\]):\\d+",
  n: "\\d+",
  any: ".*",
};

/** The lines that one case expects: those of healthy nodes, and those that the case adds. */
export class LogRules {
  readonly #go: RegExp[] = HEALTHY_GO.map(pattern);
  readonly #hearsay: RegExp[] = HEALTHY_HEARSAY.map(pattern);

  /** Expects lines of Go peers. */
  allowGo(rules: readonly string[]): void {
    this.#go.push(...rules.map(pattern));
  }

  /** Expects warnings and errors of Hearsay nodes. */
  allowHearsay(rules: readonly string[]): void {
    this.#hearsay.push(...rules.map(pattern));
  }

  /** The lines that no rule expects. */
  unexpected(kind: "go" | "hearsay", lines: readonly string[]): string[] {
    const rules = kind === "go" ? this.#go : this.#hearsay;
    return lines.filter((line) => isJudged(kind, line) && !rules.some((rule) => rule.test(line)));
  }
}

/** Log lines of Go peers about a member that crashed, or that a network fault hides. */
export function crashLines(name: string): readonly string[] {
  return [
    `[INFO] memberlist: Suspect ${name} has failed, no acks received`,
    `[INFO] memberlist: Marking ${name} as failed, suspect timeout reached ({n} peer confirmations)`,
    `[ERR] memberlist: Push/Pull with ${name} failed: dial tcp {addr}: connect: connection refused`,
    `[ERR] memberlist: Push/Pull with ${name} failed: {any}: connection reset by peer`,
    "[ERR] memberlist: Failed fallback TCP ping: {any}: connection refused",
    "[ERR] memberlist: Failed fallback TCP ping: {any}: connection reset by peer",
  ];
}

/** Log lines of Go peers about a member whose process is frozen, and its own lines after it thaws. */
export function freezeLines(name: string): readonly string[] {
  return [
    `[INFO] memberlist: Suspect ${name} has failed, no acks received`,
    `[INFO] memberlist: Marking ${name} as failed, suspect timeout reached ({n} peer confirmations)`,
    `[ERR] memberlist: Push/Pull with ${name} failed: read tcp {addr}->{addr}: i/o timeout`,
    "[WARN] memberlist: Refuting a suspect message (from: {name})",
    "[WARN] memberlist: Refuting a dead message (from: {name})",
  ];
}

function isJudged(kind: "go" | "hearsay", line: string): boolean {
  return kind === "go" || /^\[(?:WARN|ERROR|STDERR)\]/.test(line);
}

function pattern(rule: string): RegExp {
  const parts = rule.split(/\{(name|addr|n|any)\}/);
  const source = parts.map((part, index) => (index % 2 === 1 ? (PLACEHOLDERS[part] ?? "") : literally(part)));
  return new RegExp(`^${source.join("")}$`);
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
