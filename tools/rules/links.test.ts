import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exists, files, read } from "./repository.ts";

describe("documents link to what exists", () => {
  for (const path of files(/\.md$/)) {
    it(`${path} has no dead link`, () => {
      assert.deepEqual(
        linksOf(read(path)).filter((link) => !leadsSomewhere(path, link)),
        [],
      );
    });
  }

  it("a heading's anchor is made as GitHub makes it", () => {
    assert.deepEqual(
      anchorsOf("# How to `run` it, 2.1\n## Same\n## Same\n```sh\n# no heading\n```\n"),
      new Set(["how-to-run-it-21", "same", "same-1"]),
    );
  });
});

/** The targets of all Markdown links and images outside code, except those on other sites. */
function linksOf(text: string): string[] {
  const prose = withoutCode(text).replace(/`[^`\n]*`/g, "");
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...references].map((match) => match[1] ?? "").filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

function leadsSomewhere(from: string, link: string): boolean {
  const [target = "", anchor] = link.split("#");
  const path = target === "" ? from : decodeURIComponent(new URL(target, `file:///${from}`).pathname.slice(1));
  if (!exists(path)) return false;
  return anchor === undefined || !path.endsWith(".md") || anchorsOf(read(path)).has(anchor);
}

function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const match of withoutCode(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = (match[1] ?? "")
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  for (const match of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(match[1] ?? "");
  return anchors;
}

function withoutCode(text: string): string {
  return text.replace(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, "");
}
