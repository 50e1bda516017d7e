import assert from "node:assert/strict";
import { Console } from "node:console";
import { Writable } from "node:stream";
import { describe, it } from "node:test";
import fc from "fast-check";
import { logLine } from "../../dist/base/logfmt.js";
import { generateKey } from "../../dist/index.js";
import { testNetwork } from "../../dist/testing/index.js";

/** A console, and what it has printed. */
function printing(): { readonly logger: Console; readonly printed: () => string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { logger: new Console(stream), printed: () => text };
}

describe("a line in logfmt", () => {
  it("quotes values that have spaces, quotes or equals signs, and the empty one, and no others", () => {
    const fields = { a: "plain", b: "two words", c: 'say "no"', d: "k=v", e: "", f: 7, g: null, h: "C:\\x" };
    assert.equal(
      logLine("it failed", fields),
      'it failed a=plain b="two words" c="say \\"no\\"" d="k=v" e="" f=7 g=null h=C:\\x',
    );
  });

  it("has the message of an error, and the items of a list", () => {
    assert.equal(logLine("x", { error: new Error("no way"), by: ["a", "b"] }), 'x error="no way" by="a, b"');
  });

  it("is one line without controls, whatever text and values hold", () => {
    assert.equal(
      logLine("a\nb", { name: "evil\n\u001b[2J\u009b\u202e" }),
      'a\\nb name="evil\\n\\u001b[2J\\u009b\\u202e"',
    );
    const odd = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(odd, odd, (text, name) => {
        assert.doesNotMatch(logLine(text, { name }), /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it("lets each value be read back", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const [, quoted] = /^x v="(.*)"$/s.exec(logLine("x", { v: `${value} ` })) ?? [];
        assert.equal(JSON.parse(`"${quoted}"`), `${value} `);
      }),
    );
  });
});

describe("a console as the logger", () => {
  it("prints of a wrong key what the operator's guide has", async () => {
    const { logger, printed } = printing();
    const options = { encryption: { keys: [generateKey()] }, logger };
    await using network = await testNetwork({ nodes: 1, options });
    await network.add({ encryption: { keys: [generateKey()] }, join: ["10.0.0.1:7946"] });
    await network.advance("10s");
    const line = 'WARN gossip: failed to decode gossip message error="cipher: message authentication failed"';
    assert.ok(printed().includes(`${line} peer=10.0.0.2:`), printed());
  });

  it("prints one line for an event whose name has line ends and escapes in it", async () => {
    const { logger, printed } = printing();
    await using network = await testNetwork({ nodes: 1, options: { logger } });
    network.node("node-1").onEvent("*", () => {
      throw new Error("no\nthanks");
    });
    network.node("node-1").event("evil\nERROR all is lost\u001b[2J");
    const lines = printed().trimEnd().split("\n");
    const event = 'event="evil\\nERROR all is lost\\u001b[2J" error="no\\nthanks"';
    assert.ok(lines.includes(`WARN a handler of user events failed ${event} node=node-1`), printed());
    assert.ok(lines.every((line) => /^(?:DEBUG|INFO|WARN) /.test(line)));
  });
});
