import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Program } from "./program.ts";

describe("the examples, each in two processes", () => {
  it("presence shows who comes, who leaves, and who is killed", async () => {
    await using first = new Program("presence");
    const { address } = await first.self();
    await using second = new Program("presence", address);
    const { name } = await second.self();
    await first.line(new RegExp(`^${name} is here$`));
    assert.equal(await second.end("SIGTERM"), 0);
    await first.line(new RegExp(`^${name} has left$`));

    await using third = new Program("presence", address);
    const killed = await third.self();
    await first.line(new RegExp(`^${killed.name} is here$`));
    await third.end("SIGKILL");
    await first.line(new RegExp(`^${killed.name} has failed$`));
    assert.equal(await first.end("SIGINT"), 0);
  });

  it("cache drops in one process what another has changed, and what it has changed itself", async () => {
    await using first = new Program("cache");
    const one = await first.self();
    await using second = new Program("cache", one.address);
    const two = await second.self();
    await Promise.all([first.line(/^ready$/), second.line(/^ready$/)]);
    for (const program of [first, second]) {
      program.type("get 7");
      await program.line(/^7 comes from the database$/);
      program.type("get 7");
      await program.line(/^7 comes from the cache$/);
    }
    second.type("set 7");
    await first.line(new RegExp(`^7 is dropped, since ${two.name} changed it$`));
    await second.line(new RegExp(`^7 is dropped, since ${two.name} changed it$`));
    const before = first.lines.length;
    first.type("get 7");
    await first.line(/^7 comes from the database$/, before);
    for (const program of [second, first]) assert.equal(await program.end("input"), 0);
  });

  it("all end at a signal, also while they wait for input or for a node that isn't there", async () => {
    await using waiting = new Program("cache");
    await waiting.line(/^ready$/);
    assert.equal(await waiting.end("SIGINT"), 0);
    for (const name of ["cache", "cron-once"]) {
      await using alone = new Program(name, "127.0.0.1:1");
      await alone.self();
      assert.equal(await alone.end("SIGTERM"), 1, name);
      assert.match(alone.errors, /^the cluster is closed$/m);
      assert.doesNotMatch(alone.errors, / at /, "a stack is no answer to a signal");
    }
  });

  it("cron-once runs the job in one of them, and in the other when that one has gone", async () => {
    await using first = new Program("cron-once");
    const one = await first.self();
    await using second = new Program("cron-once", one.address);
    const two = await second.self();
    const named = new RegExp(`^(${one.name}|${two.name}) runs the report$`);
    const [, owner] = await Promise.race([first.line(named), second.line(named)]);
    const [running, idle] = owner === one.name ? [first, second] : [second, first];
    await running.line(/^run \d+ of the report$/);
    assert.equal(await running.end("SIGTERM"), 0);
    const before = idle.lines.length;
    await idle.line(/^run \d+ of the report$/, before);
    assert.equal(await idle.end("SIGTERM"), 0);
  });
});
