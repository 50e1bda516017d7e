import { KEY_RESPONSE, type KeyQueryHeard, type KeyResponse } from "@hearsay/core/serf";
import { KeyringError } from "@hearsay/core/wire";
import { messageOf } from "../base/message-of.ts";
import { writeKey } from "../crypto/keys.ts";
import type { LocalKeys } from "../crypto/local-keys.ts";
import type { SerfHost } from "./serf-host.ts";

/** Changes or lists this node's keys when a key query arrives; the texts are Serf's (section 12.2). */
export class KeyQueryServer {
  readonly #host: SerfHost;
  readonly #keys: LocalKeys;

  constructor(host: SerfHost, keys: LocalKeys) {
    this.#host = host;
    this.#keys = keys;
  }

  async heard({ handle, operation, key }: KeyQueryHeard): Promise<void> {
    const response = operation === "list" ? this.#list() : await this.#change(operation, key);
    const { serf, run } = this.#host;
    run((now, out) => serf.respondToKeyQuery(now, handle, response, out));
  }

  #list(): KeyResponse {
    const keys = this.#keys.raw().map(writeKey);
    if (keys.length === 0) return failed("Keyring is empty (encryption not enabled)");
    return { type: KEY_RESPONSE, result: true, message: "", keys, primaryKey: keys[0] ?? "" };
  }

  async #change(operation: "install" | "use" | "remove", key: Uint8Array): Promise<KeyResponse> {
    if (!this.#keys.isEnabled) return failed("No keyring to modify (encryption not enabled)");
    if (operation === "install" && ![16, 24, 32].includes(key.length))
      return failed(new KeyringError("key-size").message);
    try {
      if (operation === "install") await this.#keys.add(key);
      else if (operation === "use") await this.#keys.use(key);
      else await this.#keys.remove(key);
    } catch (error) {
      return failed(messageOf(error));
    }
    return { type: KEY_RESPONSE, result: true, message: "", keys: null, primaryKey: "" };
  }
}

function failed(message: string): KeyResponse {
  return { type: KEY_RESPONSE, result: false, message, keys: null, primaryKey: "" };
}
