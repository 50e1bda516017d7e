import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  EXPRESSION_BYTES_MAX,
  encodeFilter,
  matchesFilters,
  NODE_FILTER,
  type QueryFilter,
  type RegExpMatcher,
  SerfDecoder,
  TAG_FILTER,
} from "@hearsay/core/serf";
import { isFault } from "@hearsay/core/wire";
import fc from "fast-check";
import { fromHex } from "../../wire/bytes.ts";
import { filter } from "./arbitraries.ts";

const decoder = new SerfDecoder();
const SELF = { name: "node-a", tags: new Map([["role", "web-1"]]) };

/** Good enough for the expressions here; a host brings one whose time is linear. */
const matcher: RegExpMatcher = {
  isFound(expression, text) {
    try {
      return new RegExp(expression).test(text);
    } catch {
      return false;
    }
  },
};

function matches(...filters: readonly (QueryFilter | string)[]): boolean {
  const bytes = filters.map((one) => (typeof one === "string" ? fromHex(one) : encodeFilter(one)));
  return matchesFilters(bytes, SELF, matcher, decoder, () => true);
}

function node(...names: readonly string[]): QueryFilter {
  return { type: NODE_FILTER, names };
}

function tag(name: string, expression: string): QueryFilter {
  return { type: TAG_FILTER, tag: name, expression };
}

function reasonOf(hex: string): string {
  const result = decoder.filter(fromHex(hex));
  return isFault(result) ? result.reason : "accepted";
}

describe("filters", () => {
  it("read back as they were written", () => {
    fc.assert(fc.property(filter, (original) => assert.deepEqual(decoder.filter(encodeFilter(original)), original)));
  });

  it("are read leniently", () => {
    assert.deepEqual(decoder.filter(fromHex("0192a46e616d65a165")), tag("name", "e"));
    assert.deepEqual(decoder.filter(fromHex("0180")), tag("", ""));
    assert.deepEqual(decoder.filter(fromHex("00c0")), node());
    assert.deepEqual(decoder.filter(fromHex("0092c0c40161ff")), node("", "a"));
  });

  it("are refused when they are none", () => {
    assert.equal(reasonOf(""), "harmful");
    assert.equal(reasonOf("0290"), "bad-type");
    assert.equal(reasonOf("00"), "truncated");
    assert.equal(reasonOf("0080"), "bad-value");
    assert.equal(reasonOf("01a0"), "bad-value");
    assert.equal(reasonOf("009105"), "bad-value");
  });
});

describe("a query concerns", () => {
  it("everyone if it has no filter", () => {
    assert.ok(matches());
    assert.ok(matchesFilters(null, SELF, matcher, decoder, () => true));
  });

  it("the nodes that it names, exactly", () => {
    assert.ok(matches(node("node-b", "node-a")));
    assert.ok(!matches(node("node-b")));
    assert.ok(!matches(node("node-")));
    assert.ok(!matches(node()));
  });

  it("those in whose tag the expression is found, anywhere", () => {
    assert.ok(matches(tag("role", "eb")));
    assert.ok(matches(tag("role", "^web-[0-9]$")));
    assert.ok(!matches(tag("role", "^eb")));
    assert.ok(matches(tag("role", "")));
  });

  it("those without the tag as if it were empty", () => {
    assert.ok(matches(tag("dc", "^$")));
    assert.ok(!matches(tag("dc", ".")));
  });

  it("those whom all filters match", () => {
    assert.ok(matches(node("node-a"), tag("role", "web"), tag("dc", "^$")));
    assert.ok(!matches(node("node-a"), tag("role", "db")));
    assert.ok(!matches(node("node-b"), tag("role", "web")));
  });

  it("nobody if a filter is of an unknown type, broken or empty, or has an invalid expression", () => {
    assert.ok(!matches("0290"));
    assert.ok(!matches("0091"));
    assert.ok(!matches(""));
    assert.ok(!matches(tag("role", "(")));
  });

  it("nobody if an expression has more than 256 bytes, which the matcher then never sees", () => {
    const seen: string[] = [];
    const noting: RegExpMatcher = {
      isFound(expression) {
        seen.push(expression);
        return true;
      },
    };
    const ask = (expression: string) =>
      matchesFilters([encodeFilter(tag("role", expression))], SELF, noting, decoder, () => true);
    const longest = "w".repeat(EXPRESSION_BYTES_MAX);
    assert.ok(ask(longest));
    assert.ok(!ask(`${longest}w`));
    assert.ok(ask("é".repeat(128)));
    assert.ok(!ask("é".repeat(129)));
    assert.deepEqual(seen, [longest, "é".repeat(128)]);
  });
});
