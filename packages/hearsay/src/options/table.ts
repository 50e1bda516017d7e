import { SETTINGS, type Setting } from "@hearsay/core";
import { SERF_SETTINGS, type SerfSetting } from "@hearsay/core/serf";
import { formatDuration } from "../base/durations.ts";

/** How an option's value is checked. `special` ones have a reader of their own. */
export type Check =
  | { readonly kind: "special" }
  | { readonly kind: "boolean"; readonly fallback: boolean }
  | { readonly kind: "choice"; readonly fallback: string; readonly choices: readonly string[] }
  | { readonly kind: "integer"; readonly fallback: number; readonly min: number; readonly max: number }
  | { readonly kind: "duration"; readonly fallbackMs: number; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: "setting"; readonly setting: Setting };

/** One option: the row from which its check, its default and its documentation are made. */
export interface OptionRow {
  /** The path, with a dot between group and member. */
  readonly name: string;
  readonly type: string;
  readonly unit?: string;
  /** The default as a reader of the documentation sees it. */
  readonly default: string;
  readonly bounds: string;
  /** What it does, and what one trades by changing it. */
  readonly doc: string;
  readonly check: Check;
}

const SPECIAL: Check = { kind: "special" };

const HOUR_MS = 3_600_000;

/** Every option, in the order of docs/reference/options.md. */
export const OPTIONS: readonly OptionRow[] = [
  ...identity(),
  ...network(),
  ...security(),
  ...protocol(),
  ...surroundings(),
  ...SETTINGS.map(timing),
  ...serf(),
];

const ROWS: ReadonlyMap<string, OptionRow> = new Map(OPTIONS.map((row) => [row.name, row]));

/** The row of an option. */
export function optionRow(name: string): OptionRow {
  const row = ROWS.get(name);
  if (row === undefined) throw new Error(`there is no option ${name}`);
  return row;
}

/** `probeInterval` for the core's `probeIntervalMs`: as an option it takes any duration. */
export function timingName(setting: Setting): string {
  return setting.key.replace(/Ms$/, "");
}

function identity(): OptionRow[] {
  return [
    special("cluster", "text", "none", "1 to 255 bytes, no control characters", [
      "The product that the cluster belongs to. It is the default of `label`, so that two products never merge by",
      "accident. Leave it out, or give a `label`, to meet peers that have another label or none.",
    ]),
    special("nodeName", "text", "host name and port", "1 to 255 bytes, no control characters", [
      "Unique in the cluster. The same name after a restart lets the others see a return instead of a stranger. Two",
      "such names and 120 bytes have to fit a packet: one of 512 bytes, with a label of 255 bytes and keys, takes names",
      "of up to 48 bytes.",
    ]),
    special("label", "text", "the value of cluster; none in the flavours serf and memberlist", "up to 255 bytes", [
      "Packets and streams with another label are dropped. It is no secret. Empty means no label, which peers of",
      "memberlist 0.2 and older need.",
    ]),
    toggle("skipInboundLabelCheck", false, [
      "Accepts packets from which a proxy has taken the label already. Own packets still carry it.",
    ]),
    special("tags", "names and texts", "none", "512 bytes, encoded; no name that begins with _hs", [
      "What this node tells about itself, as pairs of text; every member has them at hand, and queries and rings choose by",
      "them. Large tags make each announcement dearer. Not in the flavour `memberlist`.",
    ]),
    special("meta", "text or bytes", "none", "up to 512 bytes", [
      "The same as bytes of the application's own choice. Only in the flavour `memberlist`; in the others the metadata are",
      "the tags.",
    ]),
  ];
}

function network(): OptionRow[] {
  return [
    special(
      "bind",
      "host:port, or the parts",
      "127.0.0.1:7946 without keys, 0.0.0.0:7946 with keys",
      "IP literals or host names",
      [
        "Where to listen, for datagrams and streams both. Without keys only loopback is possible, unless `encryption`",
        'is "off" in so many words.',
      ],
    ),
    special("bind.host", "text", "127.0.0.1 without keys, 0.0.0.0 with keys", "an IP literal or a host name", [
      "`::` listens for both families. A name is looked up once, at the start; of several addresses it is one of this",
      "machine's, IPv4 before IPv6.",
    ]),
    integer("bind.port", 7946, 0, 65_535, ["0 takes a free port, the same for datagrams and streams."]),
    special("advertise", "host:port, or the parts", "the bound address", "IP literals or host names", [
      "Where others reach this node, for NAT and containers. Of a node bound to every interface it is a private address:",
      "that of the default route, else the lowest that leads to no containers; where there are several, a line in the log",
      "says that it is a guess.",
    ]),
    special(
      "advertise.host",
      "text",
      "the bound host",
      "an IP literal, none that means every interface, or a host name",
      [
        "Others are told an address: a name is looked up once, at the start, since the protocol takes another address of a",
        "living member for a second node of its name. After a move, start the node again.",
      ],
    ),
    special("advertise.port", "number", "the bound port", "1 to 65535", ["For a port that is forwarded."]),
    special("join", "text or a list", "none", "[name/]host[:port] each", [
      "Nodes to join by; a few that are rarely down together are enough. Host names are looked up again at each try, and",
      "stand for all their addresses: as long as one is no live member's it is tried again, a few in each `healInterval`.",
    ]),
    choice(
      "addressFamily",
      "any",
      ["any", "ipv4", "ipv6"],
      ["Which addresses of host names to use. One family avoids waiting for routes that don't exist."],
    ),
    special("allowedCidrs", "list of networks", "all", "such as 10.0.0.0/8; not an empty list", [
      "Members outside these networks are refused. It guards against mistakes, not against who can forge addresses.",
    ]),
  ];
}

function security(): OptionRow[] {
  return [
    special("encryption", '"off", or the parts', "none", "see its parts", [
      'Whoever holds a key is a member. "off" says that none is wanted, whatever the interface; left out, the node',
      "keeps to loopback.",
    ]),
    special("encryption.keys", "list of keys", "none", "base64 or bytes, of 16, 24 or 32 bytes each", [
      "The first key seals, all of them open. 32 bytes give AES-256. A missing or empty list, or an undefined element,",
      'is refused and never taken for "off".',
    ]),
    special("encryption.keyFile", "path", "none", "a file that this process can replace", [
      "A JSON list of keys. If the file exists its keys count instead of `keys`, so that a rotation survives a restart;",
      "else it is created with `keys`.",
    ]),
    toggle("encryption.verifyIncoming", true, [
      "False also takes what is not encrypted: the first step when a running cluster changes over.",
    ]),
    toggle("encryption.verifyOutgoing", true, [
      "False sends unencrypted: the first step when a running cluster changes over.",
    ]),
  ];
}

function protocol(): OptionRow[] {
  return [
    choice(
      "preset",
      "lan",
      ["lan", "wan", "local"],
      ["The timings to start from: one network, networks far apart, or one machine. All nodes should have the same."],
    ),
    choice(
      "flavour",
      "hearsay",
      ["hearsay", "serf", "memberlist"],
      [
        "The kind of pool. `hearsay` is Serf's protocol with extensions, and Serf agents may be members. `serf` is the same",
        "without extensions. `memberlist` is for pools of an application's own Go nodes. The first two go together, the",
        "third with neither.",
      ],
    ),
    special("extensions", "choice", "all in the flavour hearsay, else none", '"none", "all"', [
      "In the flavour `memberlist`: whether every node of the cluster runs Hearsay. Plain memberlist peers can't read what",
      "extensions send. In the other flavours it follows from the flavour.",
    ]),
    integer("protocolVersion", 2, 1, 5, [
      "The version that this node speaks. It understands all five; the others are for very old peers.",
    ]),
    toggle("compression", true, [
      "Compresses packets from 300 bytes and streams from 14,000 bytes on, which saves bandwidth and costs time.",
    ]),
    integer(
      "packetBytes",
      1400,
      512,
      65_507,
      ["Packets are filled up to this. More carries news faster where the whole path takes it, and is lost where not."],
      "bytes",
    ),
  ];
}

function surroundings(): OptionRow[] {
  return [
    special("logger", "object", "none", "has debug, info, warn and error", [
      "`console`, which gets lines in logfmt, a pino logger, or alike. A change of membership is a line of its own; refused",
      "bytes, disputes and the like, of which a single peer could cause any number, are limited to one of a kind and peer",
      "in ten seconds.",
    ]),
    special("metrics", "the parts", "see its parts", "see its parts", ["How metrics are named."]),
    special("metrics.prefix", "text", "hearsay", "letters, digits and _", ["First part of the name of every metric."]),
    special("transport", "object", "UDP and TCP", "a Transport", [
      "Another way to the peers. `bind` is then the transport's own affair.",
    ]),
    special("limits", "the parts", "see its parts", "see its parts", ["How much may wait before something gives way."]),
    integer("limits.changesMax", 1024, 16, 1_048_576, [
      "Changes that one reader may leave unread; then a new snapshot takes their place.",
    ]),
    integer("limits.messagesMax", 1024, 1, 1_048_576, [
      "Messages that one reader may leave unread; then the oldest go.",
    ]),
    integer("limits.inboundConnectionsMax", 1024, 8, 65_535, [
      "Streams that peers may hold open to this node, each of which takes a file descriptor. Then a newcomer takes the",
      "place of one that stands still, and is refused where none does.",
    ]),
    integer(
      "limits.streamBytesMax",
      134_217_728,
      65_536,
      4_294_967_296,
      [
        "Messages on streams that are read or answered, of all streams together: what has come in, what it decompresses to,",
        "and answers that wait to be read. Half of it bounds one message, decompressed and not, and a quarter a state that",
        "is told. At the limit, streams wait, in the order in which they came.",
      ],
      "bytes",
    ),
    duration("handlerTimeout", 10_000, 0, HOUR_MS, [
      "How long asynchronous handlers that are at work when this node leaves may go on; what they answer still goes out.",
      "Longer lets slow ones finish, and leaving takes longer. Those at the end of it are cut.",
    ]),
    special("timings", "the parts", "the preset's", "see its parts", [
      "The protocol's intervals, timeouts and counts. All nodes of a cluster should have the same.",
    ]),
  ];
}

function serf(): OptionRow[] {
  return [
    special("snapshot", "path, or the parts", "none", "see its parts", [
      "A file by which this node finds the others again after a restart, in Serf's form. Those who are missing are tried",
      "again and again for `serf.reconnectTimeout`, and until one is found the node is not ready. Not in the flavour",
      "`memberlist`.",
    ]),
    special("snapshot.path", "path", "none", "a file, or a folder, in which it is local.snapshot", [
      "Is created if it isn't there.",
    ]),
    toggle("snapshot.rejoinAfterLeave", false, [
      "Whether to join again after a leave, too. Else a node that left starts alone.",
    ]),
    special("serf", "the parts", "Serf's", "see its parts", [
      "Times and limits of Serf's protocol. Not in the flavour `memberlist`.",
    ]),
    ...SERF_SETTINGS.map(serfSetting),
    toggle("serf.conflictVote", true, [
      "Whether, when two nodes claim this node's name, the others decide who keeps it, and a node that loses fails.",
    ]),
    toggle("serf.coordinates", true, [
      "Whether to measure where this node lies, which costs 130 bytes in each answer to a ping.",
    ]),
  ];
}

/** `reconnectTimeout` for the core's `reconnectTimeoutMs`: as an option it takes any duration. */
export function serfOptionName({ key }: SerfSetting): string {
  return `serf.${key.replace(/Ms$/, "")}`;
}

function serfSetting(setting: SerfSetting): OptionRow {
  const { min, max, unit, tradeOff } = setting;
  const show = unit === "ms" ? formatDuration : String;
  return {
    name: serfOptionName(setting),
    type: unit === "ms" ? "duration" : "number",
    ...(unit === "ms" ? {} : { unit }),
    default: show(setting.default),
    bounds: `${show(min)} to ${show(max)}`,
    doc: tradeOff,
    check: SPECIAL,
  };
}

function timing(setting: Setting): OptionRow {
  const { lan, wan, local, min, max, unit, tradeOff } = setting;
  const show = unit === "ms" ? formatDuration : String;
  const others = lan === wan && lan === local ? "" : ` (wan ${show(wan)}, local ${show(local)})`;
  return {
    name: `timings.${timingName(setting)}`,
    type: unit === "ms" ? "duration" : "number",
    ...(unit === "ms" ? {} : { unit }),
    default: `${show(lan)}${others}`,
    bounds: `${show(min)} to ${show(max)}`,
    doc: tradeOff,
    check: { kind: "setting", setting },
  };
}

function special(name: string, type: string, fallback: string, bounds: string, doc: readonly string[]): OptionRow {
  return { name, type, default: fallback, bounds, doc: doc.join(" "), check: SPECIAL };
}

function toggle(name: string, fallback: boolean, doc: readonly string[]): OptionRow {
  const check: Check = { kind: "boolean", fallback };
  return { name, type: "boolean", default: String(fallback), bounds: "true or false", doc: doc.join(" "), check };
}

function choice(name: string, fallback: string, choices: readonly string[], doc: readonly string[]): OptionRow {
  const bounds = choices.map((one) => `"${one}"`).join(", ");
  return {
    name,
    type: "choice",
    default: fallback,
    bounds,
    doc: doc.join(" "),
    check: { kind: "choice", fallback, choices },
  };
}

function duration(name: string, fallbackMs: number, minMs: number, maxMs: number, doc: readonly string[]): OptionRow {
  const check: Check = { kind: "duration", fallbackMs, minMs, maxMs };
  const bounds = `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
  return { name, type: "duration", unit: "ms", default: formatDuration(fallbackMs), bounds, doc: doc.join(" "), check };
}

function integer(
  name: string,
  fallback: number,
  min: number,
  max: number,
  doc: readonly string[],
  unit?: string,
): OptionRow {
  const check: Check = { kind: "integer", fallback, min, max };
  const row = {
    name,
    type: "number",
    default: String(fallback),
    bounds: `${min} to ${max}`,
    doc: doc.join(" "),
    check,
  };
  return unit === undefined ? row : { ...row, unit };
}
