import { presetConfig } from "@hearsay/core";
import { LABEL_BYTES_MAX, NAME_BYTES_MAX, type WireOptions } from "@hearsay/core/wire";
import { configError, type OptionFault } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { mapped, type Table } from "../forms/form.ts";
import { choice, duration, flag, integer, methods, text } from "../forms/plain-forms.ts";
import { divided, has, option, optional, parts, type Rows, readRows } from "../forms/rows.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClusterOptions, Endpoint, LimitOptions, MetricsOptions } from "./cluster-options.ts";
import { encryptionForm, NO_ENCRYPTION } from "./encryption-form.ts";
import { metaForm, prefixForm, tagsForm } from "./identity-forms.ts";
import {
  type Advertised,
  advertiseForm,
  type Bind,
  bindForm,
  DEFAULT_PORT,
  hostForm,
  networksForm,
  targetsForm,
} from "./network-forms.ts";
import type { ParsedOptions } from "./parsed-options.ts";
import { defaultLabel, hasExtensions, keepToFlavour, keepToLoopback, serfOf } from "./relations.ts";
import { serfForm, timingsForm } from "./setting-rows.ts";
import { snapshotForm } from "./snapshot-form.ts";

const HOUR_MS = 3_600_000;

const BIND: Rows<Endpoint, Bind> = {
  host: optional(
    hostForm("an IP literal or a host name"),
    [
      "`::` listens for both families. A name is looked up once, at the start; of several addresses it is one of this",
      "machine's, IPv4 before IPv6.",
    ],
    "127.0.0.1 without keys, 0.0.0.0 with keys",
  ),
  port: option(integer(0, 65_535), DEFAULT_PORT, ["0 takes a free port, the same for datagrams and streams."]),
};

const ADVERTISE: Rows<Endpoint, Advertised> = {
  host: optional(
    hostForm("an IP literal, none that means every interface, or a host name"),
    [
      "Others are told an address: a name is looked up once, at the start, since the protocol takes another address of a",
      "living member for a second node of its name. After a move, start the node again.",
    ],
    "the bound host",
  ),
  port: optional(integer(1, 65_535), ["For a port that is forwarded."], "the bound port"),
};

/** Options that `WireOptions` has under the same names. */
const WIRE = {
  label: optional(
    mapped(text(0, LABEL_BYTES_MAX), (label) => Uint8Array.from(Buffer.from(label))),
    [
      "Packets and streams with another label are dropped. It is no secret. Empty means no label, which peers of",
      "memberlist 0.2 and older need.",
    ],
    "the value of clusterName; none in the flavours serf and memberlist",
  ),
  skipInboundLabelCheck: option(flag, false, [
    "Accepts packets from which a proxy has taken the label already. Own packets still carry it.",
  ]),
  compression: option(flag, true, [
    "Compresses packets from 300 bytes and streams from 14,000 bytes on, which saves bandwidth and costs time.",
  ]),
  packetBytes: option(integer(512, 65_507, "bytes"), 1400, [
    "Packets are filled up to this. More carries news faster where the whole path takes it, and is lost where not.",
  ]),
} satisfies Rows<Pick<ClusterOptions, keyof ClusterOptions & keyof WireOptions>>;

const METRICS: Rows<MetricsOptions, Required<MetricsOptions>> = {
  prefix: option(prefixForm, "hearsay", ["First part of the name of every metric."]),
};

const LIMITS: Rows<LimitOptions, Required<LimitOptions>> = {
  changesMax: option(integer(16, 1_048_576), 1024, [
    "Changes that one reader may leave unread; then a new snapshot takes their place.",
  ]),
  messagesMax: option(integer(1, 1_048_576), 1024, ["Messages that one reader may leave unread; then the oldest go."]),
  inboundConnectionsMax: option(integer(8, 65_535), 1024, [
    "Streams that peers may hold open to this node, each of which takes a file descriptor. Then a newcomer takes the",
    "place of one that stands still, and is refused where none does.",
  ]),
  streamBytesMax: option(integer(65_536, 4_294_967_296, "bytes"), 134_217_728, [
    "Messages on streams that are read or answered, of all streams together: what has come in, what it decompresses to,",
    "and answers that wait to be read. Half of it bounds one message, decompressed and not, and a quarter a state that",
    "is told. At the limit, streams wait, in the order in which they came.",
  ]),
};

/** Every option, in the order of docs/reference/options.md: its form, its default, and its text on the page. */
const ROWS = {
  clusterName: optional(text(1, NAME_BYTES_MAX), [
    "The product that the cluster belongs to. It is the default of `label`, so that two products never merge by",
    "accident. Leave it out, or give a `label`, to meet peers that have another label or none.",
  ]),
  nodeName: optional(
    text(1, NAME_BYTES_MAX),
    [
      "Unique in the cluster. The same name after a restart lets the others see a return instead of a stranger. Two",
      "such names and 120 bytes have to fit a packet: one of 512 bytes, with a label of 255 bytes and keys, takes names",
      "of up to 48 bytes.",
    ],
    "host name and port",
  ),
  tags: option(
    tagsForm,
    {},
    [
      "What this node tells about itself, as pairs of text; every member has them at hand, and queries and rings choose by",
      "them. Large tags make each announcement dearer. Not in the flavour `memberlist`.",
    ],
    "none",
  ),
  meta: optional(metaForm, [
    "The same as bytes of the application's own choice. Only in the flavour `memberlist`; in the others the metadata are",
    "the tags.",
  ]),
  bind: option(
    bindForm(BIND),
    { host: null, port: DEFAULT_PORT },
    [
      "Where to listen, for datagrams and streams both. Without keys only loopback is possible, unless `encryption`",
      'is "off" in so many words.',
    ],
    `127.0.0.1:${DEFAULT_PORT} without keys, 0.0.0.0:${DEFAULT_PORT} with keys`,
  ),
  advertise: option(
    advertiseForm(ADVERTISE),
    { host: null, port: null },
    [
      "Where others reach this node, for NAT and containers. Of a node bound to every interface it is a private address:",
      "that of the default route, else the lowest that leads to no containers; where there are several, a line in the log",
      "says that it is a guess.",
    ],
    "the bound address",
  ),
  join: option(
    targetsForm,
    [],
    [
      "Nodes to join by; a few that are rarely down together are enough. Host names are looked up again at each try, and",
      "stand for all their addresses: as long as one is no live member's it is tried again, a few in each `healInterval`.",
    ],
    "none",
  ),
  addressFamily: option(choice(["any", "ipv4", "ipv6"]), "any", [
    "Which addresses of host names to use. One family avoids waiting for routes that don't exist.",
  ]),
  allowedCidrs: optional(
    networksForm,
    ["Members outside these networks are refused. It guards against mistakes, not against who can forge addresses."],
    "all",
  ),
  encryption: optional(encryptionForm, [
    'Whoever holds a key is a member. "off" says that none is wanted, whatever the interface; left out, the node',
    "keeps to loopback.",
  ]),
  preset: option(choice(["lan", "wan", "local"]), "lan", [
    "The timings to start from: one network, networks far apart, or one machine. All nodes should have the same.",
  ]),
  flavour: option(choice(["hearsay", "serf", "memberlist"]), "hearsay", [
    "The kind of pool. `hearsay` is Serf's protocol with extensions, and Serf agents may be members. `serf` is the same",
    "without extensions. `memberlist` is for pools of an application's own Go nodes. The first two go together, the",
    "third with neither.",
  ]),
  extensions: optional(
    choice(["none", "all"]),
    [
      "In the flavour `memberlist`: whether every node of the cluster runs Hearsay. Plain memberlist peers can't read what",
      "extensions send. In the other flavours it follows from the flavour.",
    ],
    "all in the flavour hearsay, else none",
  ),
  protocolVersion: option(integer(1, 5), 2, [
    "The version that this node speaks. It understands all five; the others are for very old peers.",
  ]),
  ...WIRE,
  logger: optional(methods<Logger>("has debug, info, warn and error", "debug", "info", "warn", "error"), [
    "`console`, which gets lines in logfmt, a pino logger, or alike. A change of membership is a line of its own; refused",
    "bytes, disputes and the like, of which a single peer could cause any number, are limited to one of a kind and peer",
    "in ten seconds.",
  ]),
  metrics: parts(METRICS, ["How metrics are named."]),
  transport: optional(
    methods<Transport>("a Transport", "open", "send", "connect", "close"),
    ["Another way to the peers. `bind` is then the transport's own affair."],
    "UDP and TCP",
  ),
  limits: parts(LIMITS, ["How much may wait before something gives way."]),
  handlerTimeout: option(duration(0, HOUR_MS), 10_000, [
    "How long asynchronous handlers that are at work when this node leaves may go on; what they answer still goes out.",
    "Longer lets slow ones finish, and leaving takes longer. Those at the end of it are cut.",
  ]),
  timings: option(
    timingsForm,
    {},
    ["The protocol's intervals, timeouts and counts. All nodes of a cluster should have the same."],
    "the preset's",
  ),
  snapshot: optional(snapshotForm, [
    "A file by which this node finds the others again after a restart, in Serf's form. Those who are missing are tried",
    "again and again for `serf.reconnectTimeout`, and until one is found the node is not ready. Not in the flavour",
    "`memberlist`.",
  ]),
  serf: option(serfForm, {}, ["Times and limits of Serf's protocol. Not in the flavour `memberlist`."], "Serf's"),
} satisfies Rows<ClusterOptions>;

/** The same rows, for the documentation. */
export const TABLE: Table = ROWS;

/**
 * Checks the options of `createCluster` and fills in the defaults.
 *
 * @throws HearsayError `ERR_CONFIG` with all faults, none of which shows a key.
 */
export function parseOptions(input: ClusterOptions): ParsedOptions {
  const faults: OptionFault[] = [];
  const [wire, values] = divided(readRows(ROWS, input, faults), WIRE);
  // The options not named here become settings unchanged.
  const { encryption, bind, preset, timings, tags, meta, snapshot, serf, extensions, handlerTimeout, ...same } = values;
  const { clusterName, flavour, transport } = same;
  const isSealed = encryption !== null && encryption !== "off";
  const { keys, keyFile, ...verification } = isSealed ? encryption : NO_ENCRYPTION;
  const parsed: ParsedOptions = {
    ...same,
    bind: { ...bind, host: bind.host ?? (isSealed ? "0.0.0.0" : "127.0.0.1") },
    staysLocal: encryption === null && transport === null && !has(input, "encryption"),
    keys: isSealed ? (keys ?? []) : null,
    keyFile,
    extensions: hasExtensions({ flavour, extensions }, input, faults),
    wire: { ...wire, ...verification, label: wire.label ?? defaultLabel(flavour, clusterName) },
    timings: Object.freeze({ ...presetConfig(preset), ...timings }),
    meta: meta ?? new Uint8Array(0),
    serf: serfOf(flavour, { tags, snapshot, config: serf }, faults),
    handlerTimeoutMs: handlerTimeout,
  };
  if (parsed.staysLocal) keepToLoopback(parsed, faults);
  keepToFlavour(flavour, input, faults);
  if (faults.length > 0) throw configError(faults);
  return parsed;
}
