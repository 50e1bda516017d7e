import { randomBytes } from "node:crypto";
import type { Case, CaseRun } from "../case-run.ts";
import { exercise } from "../exercises.ts";
import { type Pool, startPool } from "../pool.ts";
import { expect } from "../until.ts";
import { firstBytes } from "../wiretap.ts";

const LABEL = "sealed";
/** docs/protocol/memberlist.md, section 2 */
const ENCRYPT_TYPE = 10;
const FIRST_PORT = 20_000;
const PORTS = 10_000;
/** Ports to try before the case gives up. */
const TRIES = 5;

export const encryptedV1: Case = {
  name: "encrypted-v1",
  shows: "The same with AES-256, encryption version 1 and a label, which the encryption authenticates.",
  async run(run) {
    const key = new Uint8Array(randomBytes(32));
    const pool = await startPool(run, {
      go: () => ({ keys: [key], label: LABEL }),
      hearsay: () => ({ encryption: { keys: [key] }, label: LABEL }),
    });
    await exercise(run, pool);
    await sealsWith(run, pool, 1, LABEL);
  },
};

/**
 * Nodes of protocol version 1 seal with padding, and assume that every member has their own port
 * (docs/protocol/memberlist.md, section 11.1), so all six share one port, each on its own address.
 */
export const encryptedV0: Case = {
  name: "encrypted-v0",
  shows: "The same in protocol version 1 with AES-128 and encryption version 0, on one port and six addresses.",
  async run(run) {
    const pool = await startOnOnePort(run, new Uint8Array(randomBytes(16)));
    await exercise(run, pool);
    await sealsWith(run, pool, 0, "");
  },
};

/**
 * Checks that a sealed stream has the label's header, a type, a length of four bytes and the version (sections 5.4 and
 * 5.5).
 */
async function sealsWith(run: CaseRun, pool: Pool, version: number, label: string): Promise<void> {
  const at = (label === "" ? 0 : 2 + label.length) + 5;
  for (const bytes of await firstBytes(run, pool.all.slice(0, 2), at + 1)) {
    expect(bytes[at - 5] === ENCRYPT_TYPE, `a stream has type ${bytes[at - 5]}`);
    expect(bytes[at] === version, `a stream is sealed in version ${bytes[at]}`);
  }
}

async function startOnOnePort(run: CaseRun, key: Uint8Array): Promise<Pool> {
  for (let tries = TRIES; ; tries--) {
    const port = FIRST_PORT + (randomBytes(2).readUInt16BE() % PORTS);
    try {
      return await startPool(run, {
        go: (index) => ({ protocolVersion: 1, keys: [key], bindAddr: `127.0.1.${2 * index + 1}`, bindPort: port }),
        hearsay: (index) => ({
          protocolVersion: 1,
          encryption: { keys: [key] },
          bind: { host: `127.0.1.${2 * index + 2}`, port },
        }),
      });
    } catch (error) {
      const isTaken = /address already in use|EADDRINUSE/.test(String(error));
      if (!isTaken || tries <= 1) throw error;
      // The started nodes would meet the next attempt's nodes under the same names.
      await run.close();
    }
  }
}
