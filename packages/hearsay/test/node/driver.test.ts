import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addressFromText, presetConfig, Sfc32, Swim } from "@hearsay/core";
import { VirtualClock } from "@hearsay/core/virtual";
import { PacketCodec, wireOptions } from "@hearsay/core/wire";
import { Driver, type Link } from "../../dist/node/driver.js";

const OWN = addressFromText("10.0.0.1", 7946);
const PEER = addressFromText("10.0.0.2", 7946);

/** A node on virtual time whose exchanges go over this link. */
function node(link: Link): { swim: Swim; driver: Driver } {
  assert.ok(OWN !== null);
  const clock = new VirtualClock();
  const packets = new PacketCodec(wireOptions({}));
  const swim = new Swim({ name: "a", address: OWN, config: presetConfig("lan"), packets, random: new Sfc32(1) });
  const driver = new Driver({
    swim,
    link,
    clock: {
      now: () => clock.now(),
      after: (delayMs, fn) => {
        const timer = clock.at(clock.now() + delayMs, fn);
        return () => clock.cancel(timer);
      },
      soon: (fn) => void clock.at(clock.now(), fn),
    },
    onEvent: () => {},
    onBroken: (error) => assert.fail(String(error)),
  });
  driver.start();
  return { swim, driver };
}

describe("a driver that is stopped", () => {
  it("ends the exchanges that are under way", () => {
    let ended = 0;
    const { swim, driver } = node({ send() {}, exchange: () => () => ended++ });
    assert.ok(PEER !== null);
    driver.run((now) => swim.join(now, 1, [PEER], driver));
    assert.equal(ended, 0);
    driver.stop();
    assert.equal(ended, 1);
  });

  it("ends an exchange, too, that it is stopped in the middle of beginning, as by a transport that fails in `connect`", () => {
    let ended = 0;
    const { swim, driver } = node({
      send() {},
      exchange: () => {
        driver.stop();
        return () => ended++;
      },
    });
    assert.ok(PEER !== null);
    driver.run((now) => swim.join(now, 1, [PEER], driver));
    assert.equal(ended, 1);
  });

  it("answers what peers ask with nothing", () => {
    const { driver } = node({ send() {}, exchange: () => () => {} });
    driver.stop();
    const answers: (Uint8Array | null)[] = [];
    assert.ok(PEER !== null);
    driver.accept(PEER, Uint8Array.of(6), (answer) => answers.push(answer));
    assert.deepEqual(answers, [null]);
  });
});
