import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { APPLICATION, type MemberChange, type MemberView } from "@hearsay/core";
import { ACK, encodeMessage, isFault, MessageDecoder, PING } from "@hearsay/core/wire";
import { detectionBoundMs } from "@hearsay/testkit/cluster/detection-bound";
import { InvariantBroken } from "@hearsay/testkit/cluster/invariant-broken";
import { Invariants } from "@hearsay/testkit/cluster/invariants";
import { OCCUPANCY_MAX, overfull } from "@hearsay/testkit/cluster/occupancy-limits";
import { SimCluster } from "@hearsay/testkit/cluster/sim-cluster";

function change(member: MemberView, kind: MemberChange["kind"], previous: MemberView | null): MemberChange {
  const { status, incarnation } = member;
  const told = { by: member.name, path: "packet", from: null, probe: null, accusers: [] } as const;
  return {
    type: "member",
    kind,
    member,
    previous,
    cause: { ...told, kind: "announced", atMs: 0, status, incarnation },
  };
}

function memberOf(cluster: SimCluster, viewer: number, name: string): MemberView {
  const member = cluster.node(viewer).swim.member(name);
  assert.ok(member !== undefined);
  return member;
}

describe("the invariants notice", () => {
  it("an incarnation that falls, and not one that falls after the member was forgotten", () => {
    const cluster = new SimCluster({ nodes: 3, seed: 1 });
    const invariants = new Invariants(cluster);
    cluster.run(1000);
    const [viewer, member] = [cluster.node(0), memberOf(cluster, 0, "n1")];
    invariants.event(viewer, change({ ...member, incarnation: 9 }, "updated", member));
    const fallen = change({ ...member, incarnation: 8 }, "updated", member);
    assert.throws(() => invariants.event(viewer, fallen), InvariantBroken);
    invariants.event(viewer, change(member, "reaped", member));
    invariants.event(viewer, change({ ...member, incarnation: 2 }, "joined", null));
  });

  it("a dead member that comes back without a higher incarnation, and not from another address", () => {
    const cluster = new SimCluster({ nodes: 3, seed: 1 });
    const invariants = new Invariants(cluster);
    cluster.run(1000);
    const [viewer, member] = [cluster.node(0), memberOf(cluster, 0, "n1")];
    const dead: MemberView = { ...member, status: "failed", incarnation: 5 };
    const risen = change({ ...member, incarnation: 5 }, "joined", dead);
    assert.throws(() => invariants.event(viewer, risen), /n0 took n1 back at incarnation 5, dead at 5/);
    const { address } = memberOf(cluster, 0, "n2");
    invariants.event(viewer, change({ ...member, incarnation: 5, address }, "joined", dead));
  });

  it("a crash that is not found out, because something answers pings for the dead", () => {
    const cluster = new SimCluster({ nodes: 4, seed: 2 });
    new Invariants(cluster);
    cluster.run(5000);
    const victim = cluster.node(3);
    const decoder = new MessageDecoder();
    cluster.observe({
      datagram: (from, to, bytes) => {
        if (to.key !== victim.address.key || bytes[0] !== PING) return;
        const ping = decoder.decode(bytes, 0, bytes.length);
        if (isFault(ping) || ping.type !== PING) return;
        const ack = encodeMessage({ type: ACK, seqNo: ping.seqNo, payload: null });
        cluster.clock.at(cluster.now + 1, () => from.receive(to, ack));
      },
    });
    cluster.crash(victim);
    assert.throws(
      () => cluster.run(10 * 60_000),
      (error) => error instanceof InvariantBroken && /holds n3 alive, which is down/.test(error.message),
    );
    const bound = detectionBoundMs(cluster.config, 4, 0);
    assert.ok(cluster.now > bound && cluster.now < bound + 10_000);
  });

  it("a queue above its limit, each in its turn", () => {
    const { config, nodes } = new SimCluster({ nodes: 2, seed: 3, config: { rumorsMax: 16 } });
    const occupancy = nodes[0]?.swim.occupancy;
    assert.ok(occupancy !== undefined);
    assert.equal(overfull(occupancy, config, "hearsay"), null);
    for (const [what, limit] of Object.entries({ ...OCCUPANCY_MAX, rumors: 16, members: config.membersMax })) {
      assert.equal(overfull({ ...occupancy, [what]: limit }, config, "hearsay"), null);
      assert.equal(overfull({ ...occupancy, [what]: limit + 1 }, config, "hearsay"), `${limit + 1} ${what}`);
    }
  });

  it("nothing wrong with a rumor store that is offered more than it may hold", () => {
    const cluster = new SimCluster({ nodes: 3, seed: 3, config: { rumorsMax: 16 } });
    new Invariants(cluster);
    for (let i = 0; i < 100; i++) cluster.node(0).broadcast(Uint8Array.of(i), { rumorClass: APPLICATION });
    assert.equal(cluster.node(0).swim.occupancy.rumors, 16);
    cluster.run(30_000);
  });
});
