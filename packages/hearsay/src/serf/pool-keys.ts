import {
  encodeSerfMessage,
  INSTALL_KEY_QUERY,
  KEY_REQUEST,
  KEY_RESPONSE,
  type KeyOperation,
  LIST_KEYS_QUERY,
  REMOVE_KEY_QUERY,
  SerfDecoder,
  USE_KEY_QUERY,
} from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import { HearsayError } from "../base/errors.ts";
import type { KeyAnswer, KeyReport } from "../base/key-report.ts";
import { KEY_FORM, type KeyInput, readKey } from "../crypto/keys.ts";
import { readCallOptions } from "../forms/call-options.ts";
import { option, type Rows } from "../forms/rows.ts";
import type { OutgoingQueries } from "./outgoing-queries.ts";
import type { QueryMissing } from "./query.ts";
import { relayFactor, type SerfHost } from "./serf-host.ts";

/** How to change or list the pool's keys. */
export interface KeyOptions {
  /** Number of other members that also relay each answer, 0 to 255, against loss. @defaultValue 0 */
  readonly relay?: number;
}

const OPTIONS = { relay: option(relayFactor, 0) } satisfies Rows<KeyOptions>;

const QUERIES: Readonly<Record<KeyOperation, string>> = {
  install: INSTALL_KEY_QUERY,
  use: USE_KEY_QUERY,
  remove: REMOVE_KEY_QUERY,
  list: LIST_KEYS_QUERY,
};

/** Most names in a log line; the report has all. */
const NAMES_LOGGED_MAX = 20;

/**
 * Changes and lists keys on all members at once (docs/protocol/serf.md, section 12.2). To rotate without losing a
 * member: `install` the new key, `use` it, then `remove` the old one, each step after the previous one has succeeded
 * and no member is away. A key may have to be removed at once, so members that are away are reported but don't prevent
 * the removal.
 */
export class PoolKeys {
  readonly #host: SerfHost;
  readonly #queries: OutgoingQueries;
  readonly #decoder = new SerfDecoder();
  /** Settles when the last change has settled: changes run one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: SerfHost, queries: OutgoingQueries) {
    this.#host = host;
    this.#queries = queries;
  }

  change(operation: Exclude<KeyOperation, "list">, key: KeyInput, options: KeyOptions): Promise<KeyReport> {
    const bytes = readKey(key);
    if (typeof bytes === "string") {
      const text = `${bytes}; a key must be ${KEY_FORM}`;
      return Promise.reject(new HearsayError("ERR_KEYRING", text, { detail: text }));
    }
    const changed = this.#last.then(() => this.#run(operation, bytes, options));
    this.#last = changed.catch(() => {});
    return changed;
  }

  list(options: KeyOptions): Promise<KeyReport> {
    return this.#run("list", new Uint8Array(0), options);
  }

  async #run(operation: KeyOperation, key: Uint8Array, options: KeyOptions): Promise<KeyReport> {
    this.#host.lifecycle.assertRunning();
    const { relay } = readCallOptions(`keys.${operation}`, OPTIONS, options);
    const nodes = this.#host.presentCount();
    if (operation === "remove") {
      const text =
        "a key is being removed while members are away: those without the new one can't come back by themselves";
      this.#warnOfAway(text, this.#host.awayNames().sort());
    }
    const query = this.#queries.start({
      name: QUERIES[operation],
      payload: encodeSerfMessage({ type: KEY_REQUEST, key }),
      filters: null,
      ack: false,
      relayFactor: relay,
      timeoutMs: 0,
    });
    const collector = new KeyAnswers(this.#decoder);
    for await (const { from, payload } of query) collector.add(from, payload);
    const missing = query.missing();
    if (operation === "install" || operation === "use") {
      const text = `members are away and did not hear of the change of keys (${operation}): wait for them before you remove a key`;
      this.#warnOfAway(text, missing.away);
    }
    return checked(collector.report(nodes, missing));
  }

  #warnOfAway(text: string, away: readonly string[]): void {
    if (away.length > 0) this.#host.warn(text, { away: away.slice(0, NAMES_LOGGED_MAX), count: away.length });
  }
}

class KeyAnswers {
  readonly #decoder: SerfDecoder;
  readonly #answers = new Map<string, KeyAnswer>();
  readonly #keys = new Map<string, number>();
  readonly #primaryKeys = new Map<string, number>();
  #failed = 0;

  constructor(decoder: SerfDecoder) {
    this.#decoder = decoder;
  }

  add(from: string, payload: Uint8Array): void {
    const response = this.#decoder.decode(payload, 0, payload.length);
    const isReadable = !isFault(response) && response.type === KEY_RESPONSE;
    const { result, message, keys, primaryKey } = isReadable
      ? response
      : { result: false, message: "its answer can't be read", keys: null, primaryKey: "" };
    if (!result) this.#failed++;
    this.#answers.set(from, Object.freeze({ isDone: result, message, keys: keys ?? [] }));
    for (const key of keys ?? []) count(this.#keys, key);
    if (primaryKey !== "") count(this.#primaryKeys, primaryKey);
  }

  report(nodes: number, { silent, away }: QueryMissing): KeyReport {
    return Object.freeze({
      nodes,
      answered: this.#answers.size,
      failed: this.#failed,
      silent,
      away,
      answers: this.#answers,
      keys: this.#keys,
      primaryKeys: this.#primaryKeys,
    });
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/**
 * The texts are Serf's. Serf only counts answers: a newcomer's answer makes up for a missing one, and a member that
 * leaves meanwhile counts as missing. Here the silent members are known by name.
 */
function checked(report: KeyReport): KeyReport {
  const { nodes, answered, failed, silent } = report;
  if (failed > 0) throw new HearsayError("ERR_KEY_REPORT", `${failed}/${nodes} nodes reported failure`, { report });
  if (silent.length === 0) return report;
  const text = `${answered}/${answered + silent.length} nodes reported success`;
  throw new HearsayError("ERR_KEY_REPORT", text, { report });
}
