import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import {
  configError,
  ERROR_CODES,
  HearsayError,
  hasRunDry,
  isHearsayError,
  joinSilentError,
  tooLargeError,
} from "../../dist/base/errors.js";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));
const DOCUMENT = new URL("../../../../docs/reference/errors.md", import.meta.url);

describe("errors", () => {
  it("docs/reference/errors.md has exactly the codes of the table, with their meaning; REWRITE=1 rewrites its table", () => {
    const text = readFileSync(DOCUMENT, "utf8");
    const rows = ERROR_CODES.map(({ code, retryable, fields, meaning, remedy }) => {
      const data = fields.map((field) => `\`${String(field)}\``).join(", ");
      return `| \`${code}\` | ${retryable ? "yes" : "no"} | ${data} | ${meaning} ${remedy} |`;
    });
    const table = ["| code | retry | data | meaning and remedy |", "| --- | --- | --- | --- |", ...rows].join("\n");
    const now = text.replace(/^\|[\s\S]*\|$/m, () => table);
    if (process.env["REWRITE"] === "1") writeFileSync(DOCUMENT, now);
    else assert.equal(text, now);
  });

  it("each code is listed once", () => {
    const codes = ERROR_CODES.map(({ code }) => code);
    assert.equal(new Set(codes).size, codes.length);
  });

  it("each code is one that something throws", () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
    const text = files.map((path) => readFileSync(join(SOURCES, path), "utf8")).join("");
    const thrown = new Set([...text.matchAll(/new HearsayError\(\s*"(ERR_\w+)"/g)].map(([, code]) => code));
    const never = ERROR_CODES.filter(({ code }) => !thrown.has(code)).map(({ code }) => code);
    assert.deepEqual(never, []);
  });

  it("an error has its code's retryability, its data and its cause", () => {
    const cause = new Error("why");
    const error = new HearsayError("ERR_TIMEOUT", "too late", { what: "join", timeoutMs: 5 }, { cause });
    assert.deepEqual(
      [error.retryable, error.data.timeoutMs, error.cause, error.name],
      [true, 5, cause, "HearsayError"],
    );
    assert.equal(new HearsayError("ERR_LEAVING", "leaving", {}).retryable, false);
    assert.equal("cause" in new HearsayError("ERR_LEAVING", "leaving", {}), false);
  });

  it("a single error may say of itself whether trying again helps", () => {
    const error = new HearsayError("ERR_BIND", "no right", { host: "127.0.0.1", port: 1 }, { retryable: false });
    assert.deepEqual([error.retryable, "cause" in error], [false, false]);
    const coded = (code: string): Error => Object.assign(new Error(code), { code });
    assert.deepEqual(["ENOSPC", "EMFILE", "ENOENT", "EACCES"].map(coded).map(hasRunDry), [true, true, false, false]);
    assert.equal(hasRunDry("ENOSPC"), false);
  });

  it("is recognised by code, and nothing else is", () => {
    const error = new HearsayError("ERR_LEAVING", "leaving", {});
    assert.ok(isHearsayError(error) && isHearsayError(error, "ERR_LEAVING"));
    assert.ok(!isHearsayError(error, "ERR_CLOSED"));
    for (const other of [
      new Error("x"),
      null,
      undefined,
      "ERR_LEAVING",
      { name: "HearsayError", code: "ERR_LEAVING" },
    ]) {
      assert.ok(!isHearsayError(other));
    }
  });

  it("a silent join asks the question that finds the mistake", () => {
    const data = { targets: ["10.0.0.5:7946"], label: "shop", encrypted: true };
    assert.match(
      joinSilentError(data).message,
      /label, key or transport mismatch\? .*the label "shop".*encryption is on/,
    );
    assert.match(joinSilentError({ ...data, label: "", encrypted: false }).message, /no label.*encryption is off/);
  });

  it("something too large tells both sizes", () => {
    const error = tooLargeError({ what: "the broadcast", sizeBytes: 1500, limitBytes: 1300 });
    assert.equal(error.message, "the broadcast has 1500 bytes; at most 1300 are possible");
  });

  it("what is wrong may be an option or an argument, one or several", () => {
    const fault = { key: "urgency", value: "soon", allowed: '"now", "normal" or "bulk"' };
    const one = 'an option or argument is wrong\n  urgency: "now", "normal" or "bulk"; got "soon"';
    assert.equal(configError([fault]).message, one);
    assert.match(configError([fault, fault]).message, /^2 options or arguments are wrong\n/);
  });

  it("long values are cut in messages, and hidden ones don't appear", () => {
    const { message } = configError([
      { key: "a", value: "x".repeat(500), allowed: "less" },
      { key: "b", value: "(hidden)", allowed: "base64" },
    ]);
    assert.ok(message.length < 200);
    assert.match(message, /b: base64$/);
  });
});
