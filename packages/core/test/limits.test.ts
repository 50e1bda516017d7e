import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BOOT_ID_BYTES,
  FAILURE_TEXT_BYTES_MAX,
  ORIGIN_BYTES_MAX,
  SEEN_ORIGIN_MS_MIN,
  SEEN_ORIGINS_MAX,
  SEEN_WINDOW_MAX,
  TOPIC_BYTES_MAX,
  UNICAST_PAYLOAD_BYTES_MAX,
} from "@hearsay/core/messaging";
import {
  RING_EPSILON,
  RING_EPSILON_MAX,
  RING_EPSILON_MIN,
  RING_PARTITIONS,
  RING_PARTITIONS_MAX,
  RING_POINTS_MAX,
  RING_POINTS_PER_WEIGHT,
  RING_POSITIONS,
  RING_WEIGHT_MAX,
  RING_WEIGHT_MIN,
} from "@hearsay/core/ring";
import {
  COORDINATE_DIMENSIONS,
  COORDINATE_ERROR_MAX,
  COORDINATE_HEIGHT_MIN,
  COORDINATE_MAGNITUDE_MAX,
  COORDINATE_PEERS_MAX,
  COORDINATE_RTT_MS_MAX,
  EVENT_SLOTS,
  EXPRESSION_BYTES_MAX,
  JUMP_ABSURD,
  STATE_EVENTS_MAX,
  STATE_MEMBERS_MAX,
  STATE_SLOTS_MAX,
  TAGS_BYTES_MAX,
  USER_EVENT_BYTES_LIMIT,
} from "@hearsay/core/serf";
import {
  COMPOUND_PARTS_MAX,
  DATAGRAM_BYTES_MAX,
  KEYS_MAX,
  LABEL_BYTES_MAX,
  META_BYTES_MAX,
  NESTING_MAX,
  PACKET_BYTES_DEFAULT,
  PACKET_BYTES_MAX,
  PUSH_PULL_NODES_MAX,
  STREAM_DECOMPRESSED_BYTES_MAX,
  STREAM_FRAME_BYTES_MAX,
  STREAM_MESSAGE_BYTES_MAX,
  USER_MESSAGE_BYTES_MAX,
  USER_STATE_BYTES_MAX,
} from "@hearsay/core/wire";

const MIB = 2 ** 20;

/** Other tests drive nodes to these limits by their names; what the names stand for is promised elsewhere. */
describe("limits that applications and peers rely on", () => {
  it("of the wire are memberlist's, and those of docs/reference/limits.md", () => {
    const limits = {
      datagram: [DATAGRAM_BYTES_MAX, PACKET_BYTES_DEFAULT, PACKET_BYTES_MAX],
      label: LABEL_BYTES_MAX,
      compound: [COMPOUND_PARTS_MAX, NESTING_MAX],
      meta: META_BYTES_MAX,
      keys: KEYS_MAX,
      stream: [STREAM_FRAME_BYTES_MAX, STREAM_DECOMPRESSED_BYTES_MAX, STREAM_MESSAGE_BYTES_MAX],
      pushPull: [PUSH_PULL_NODES_MAX, USER_STATE_BYTES_MAX],
      user: USER_MESSAGE_BYTES_MAX,
    };
    assert.deepEqual(limits, {
      datagram: [65_507, 1400, 65_535],
      label: 255,
      compound: [255, 4],
      meta: 512,
      keys: 64,
      stream: [20 * MIB, 40 * MIB, 40 * MIB],
      pushPull: [MIB, 20 * MIB],
      user: 20 * MIB,
    });
  });

  it("of messaging are those of docs/reference/limits.md and docs/protocol/hearsay.md", () => {
    assert.deepEqual([ORIGIN_BYTES_MAX, TOPIC_BYTES_MAX, BOOT_ID_BYTES, FAILURE_TEXT_BYTES_MAX], [255, 255, 8, 1024]);
    assert.deepEqual([SEEN_WINDOW_MAX, SEEN_ORIGINS_MAX, SEEN_ORIGIN_MS_MIN], [4096, 8192, 60_000]);
    assert.equal(UNICAST_PAYLOAD_BYTES_MAX, 8 * MIB);
  });

  it("of Serf are its own, and those of docs/reference/limits.md", () => {
    assert.deepEqual(
      [TAGS_BYTES_MAX, EXPRESSION_BYTES_MAX, USER_EVENT_BYTES_LIMIT, EVENT_SLOTS],
      [512, 256, 9216, 512],
    );
    assert.deepEqual([STATE_MEMBERS_MAX, STATE_SLOTS_MAX, STATE_EVENTS_MAX], [MIB, 65_536, 65_536]);
    assert.equal(JUMP_ABSURD, 2 ** 40);
    assert.deepEqual([COORDINATE_DIMENSIONS, COORDINATE_ERROR_MAX, COORDINATE_HEIGHT_MIN], [8, 1.5, 10e-6]);
    assert.deepEqual([COORDINATE_MAGNITUDE_MAX, COORDINATE_PEERS_MAX, COORDINATE_RTT_MS_MAX], [100, 65_536, 10_000]);
  });

  it("of rings are those of docs/guides/rings.md and docs/reference/limits.md: all nodes must agree on them", () => {
    assert.deepEqual([RING_WEIGHT_MIN, RING_WEIGHT_MAX], [0.01, 100]);
    assert.deepEqual([RING_POINTS_PER_WEIGHT, RING_POINTS_MAX, RING_POSITIONS], [128, 4_194_304, 2 ** 32]);
    assert.deepEqual([RING_PARTITIONS, RING_PARTITIONS_MAX], [4096, 65_536]);
    assert.deepEqual([RING_EPSILON, RING_EPSILON_MIN, RING_EPSILON_MAX], [0.25, 0.01, 10]);
  });
});
