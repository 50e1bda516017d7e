import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metrics } from "../../dist/base/metrics.js";
import { isHearsayError } from "../../dist/index.js";

function faulty(key: string): (error: unknown) => boolean {
  return (error) => isHearsayError(error, "ERR_CONFIG") && error.data.faults[0]?.key === key;
}

describe("metrics", () => {
  it("have every series at 0 from the start", () => {
    const metrics = new Metrics("hearsay");
    metrics.counter("packets_total", "Packets.", { direction: ["in", "out"], kind: ["ping", "ack"] });
    metrics.gauge("members", "Members.");
    assert.equal(
      metrics.prometheus(),
      `# HELP hearsay_packets_total Packets.
# TYPE hearsay_packets_total counter
hearsay_packets_total{direction="in",kind="ping"} 0
hearsay_packets_total{direction="in",kind="ack"} 0
hearsay_packets_total{direction="out",kind="ping"} 0
hearsay_packets_total{direction="out",kind="ack"} 0
# HELP hearsay_members Members.
# TYPE hearsay_members gauge
hearsay_members 0
`,
    );
  });

  it("count, show the present, and read what is counted elsewhere", () => {
    const metrics = new Metrics("h");
    const packets = metrics.counter("packets_total", "Packets.", { direction: ["in", "out"] });
    packets.series("out").add();
    packets.series("out").add(2);
    metrics.gauge("members", "Members.").series().set(7);
    let depth = 3;
    metrics.read("queue", "Queue.", "gauge", () => depth);
    depth = 4;
    const text = metrics.prometheus();
    for (const line of [
      'h_packets_total{direction="in"} 0',
      'h_packets_total{direction="out"} 3',
      "h_members 7",
      "h_queue 4",
    ]) {
      assert.ok(text.split("\n").includes(line), `${line} in\n${text}`);
    }
  });

  it("put values into cumulative buckets, a bound included", () => {
    const metrics = new Metrics("h");
    const rtt = metrics.histogram("rtt_seconds", "Round trip.", { path: ["udp"] }, [0.1, 1]).series("udp");
    for (const value of [0.05, 0.1, 0.5, 3]) rtt.observe(value);
    assert.equal(
      metrics.prometheus(),
      `# HELP h_rtt_seconds Round trip.
# TYPE h_rtt_seconds histogram
h_rtt_seconds_bucket{path="udp",le="0.1"} 2
h_rtt_seconds_bucket{path="udp",le="1"} 3
h_rtt_seconds_bucket{path="udp",le="+Inf"} 4
h_rtt_seconds_sum{path="udp"} 3.65
h_rtt_seconds_count{path="udp"} 4
`,
    );
  });

  it("escape what the format needs escaped, and write what is no number as the format does", () => {
    const metrics = new Metrics("h");
    metrics
      .gauge("a", "back\\slash\nand line", { l: ['q"\\\n'] })
      .series('q"\\\n')
      .set(Number.POSITIVE_INFINITY);
    metrics.read("b", "", "gauge", () => Number.NaN);
    const text = metrics.prometheus();
    assert.match(text, /# HELP h_a back\\\\slash\\nand line\n/);
    assert.ok(text.includes('h_a{l="q\\"\\\\\\n"} +Inf\n'));
    assert.ok(text.includes("h_b NaN\n"));
  });

  it("refuse series and names that were not declared, or twice, or can't be", () => {
    const metrics = new Metrics("h");
    const family = metrics.counter("a_total", "A.", { l: ["x"] });
    assert.throws(() => family.series("y"), faulty("labels"));
    assert.throws(() => family.series(), faulty("labels"));
    assert.throws(() => metrics.gauge("a_total", "A."), faulty("name"));
    assert.throws(() => metrics.gauge("a-b", "A."), faulty("name"));
    assert.throws(() => metrics.histogram("c", "C.", {}, [2, 1]), faulty("buckets"));
  });

  it("show what is read and can't be as no number, and all others beside it", () => {
    const metrics = new Metrics("h");
    metrics.read("broken", "Broken.", "gauge", () => {
      throw new Error("gone");
    });
    metrics.read("whole", "Whole.", "gauge", () => 1);
    const lines = metrics.prometheus().split("\n");
    assert.deepEqual([lines.includes("h_broken NaN"), lines.includes("h_whole 1")], [true, true]);
  });
});
