import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { deviation, play } from "./story.ts";
import { formatTranscript, parseTranscript } from "./transcript.ts";

const FOLDER = "packages/core/test/stories";
/** The stories are read where they are written; this file runs from `dist-test`. */
const folder = fileURLToPath(new URL("../../test/stories/", import.meta.url));
/** Whether to record what is seen instead of comparing with it. */
const rewrite = process.env["REWRITE"] === "1";

describe("the core's stories go as they are told", () => {
  const stories = readdirSync(folder).filter((name) => name.endsWith(".txt"));

  it("the folder has at least one story", () => assert.ok(stories.length > 0));

  for (const name of stories.sort()) {
    it(name, () => {
      const path = `${FOLDER}/${name}`;
      const told = parseTranscript(path, readFileSync(`${folder}${name}`, "utf8"));
      if (rewrite) writeFileSync(`${folder}${name}`, formatTranscript([...play(path, told)]));
      const where = rewrite ? null : deviation(path, told);
      assert.ok(where === null, `${where}\nIf that is meant, record it: REWRITE=1 npm test -- ${FOLDER}`);
    });
  }
});

describe("a story says where it is wrong", () => {
  const wrong: readonly (readonly [command: string, message: string])[] = [
    ["dance a", "dance is no command; there are use, set, pool,"],
    ["toString", "toString is no command"],
    ["pool c d", "a pool comes before any other node"],
    ["crash", "a node is missing"],
    ["crash x", "there is no node x"],
    ["crash a b", "b is one word too many"],
    ["run 5", "5 is not a time, such as 500ms or 2s"],
    ["run 5ms show all", "all is no kind; there are probes, packets, streams, events"],
    ["run 5ms quiet", "quiet is no filter; there are show, hide, of"],
    ["run until a holds x failed", "a never holds x failed"],
    ["set probeIntervalMs fast", "fast is not a number"],
    ["set speed 5", "speed is no setting"],
    ["cut a b", "write cut a -> b, or cut a <-> b"],
    ["say a hello", "hello is no text in quotes"],
    ['event a deploy "42"', "a has no serf: write use serf before it starts"],
    ["packet a -> b ping b@1", "a story can send alive, suspect and dead, not ping"],
  ];

  for (const [command, message] of wrong) {
    it(command, () => {
      const told = parseTranscript("story.txt", `# Two nodes.\npool a b\n\n${command}\n`);
      assert.throws(
        () => deviation("story.txt", told),
        (error: Error) => error.message.startsWith(`story.txt:4: ${message}`),
      );
    });
  }

  it("output without a command is refused", () => {
    assert.throws(() => parseTranscript("story.txt", "pool a b\n\n----\nnothing\n"), {
      message: "story.txt:3: output without a command",
    });
  });

  it("the first block that goes otherwise is shown, with what is told and seen", () => {
    const text =
      "pool a b\n\nmembers a\nmembers b\n----\n  a  alive@1\n  b  dead@1\n  a  alive@1\n  b  alive@1\n\nmembers a\n";
    assert.equal(
      deviation("story.txt", parseTranscript("story.txt", text)),
      [
        "story.txt:3 goes otherwise (- told, + seen)",
        "  members a",
        "  members b",
        "  ----",
        "    a  alive@1",
        "-   b  dead@1",
        "+   b  alive@1",
        "    a  alive@1",
        "    b  alive@1",
      ].join("\n"),
    );
  });
});
