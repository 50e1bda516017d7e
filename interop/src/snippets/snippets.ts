/** One block of configuration, as a document prints it; hosts are replaced by loopback, comments left out. */
export interface Snippet {
  /** Of docs/design/requirements.md: OpenGSLB's or Longbow's. */
  readonly document: "000" | "001";
  readonly what: string;
  readonly form: "yaml" | "environment";
  readonly text: string;
  /** The faults that a check reports, each by its place and a part of its line; none: the agent starts with it. */
  readonly faults: readonly (readonly [place: string, part: string])[];
  /**
   * The same with the profile that runs the gossip alone; the agent starts if there are none, on a free port and
   * without a key, if the snippet has none.
   */
  readonly alone: readonly (readonly [place: string, part: string])[];
}

const OPENGSLB = ["cluster", "the profile opengslb needs OpenGSLB's health events and metrics"] as const;
const LONGBOW = ["gossip", "the profile longbow needs Longbow's discovery, metrics and mesh actions"] as const;
const KUBERNETES = ["gossip.discovery.provider", "finds peers by Kubernetes, which this version lacks"] as const;
const DNS = ["gossip.discovery.provider", "finds peers by DNS, which this version lacks"] as const;

/** Every block of configuration in the documents of OpenGSLB and Longbow. */
export const SNIPPETS: readonly Snippet[] = [
  {
    document: "000",
    what: "basic configuration",
    form: "yaml",
    text: `cluster:
  mode: cluster
  node_name: "gslb-node-1"
  bind_address: "127.0.0.1:7946"

  gossip:
    enabled: true
    bind_port: 7947
`,
    faults: [OPENGSLB],
    alone: [],
  },
  {
    document: "000",
    what: "full configuration, with a placeholder for the key",
    form: "yaml",
    text: `cluster:
  gossip:
    enabled: true

    bind_port: 7947
    advertise_port: 7947

    encryption_key: "your-base64-encoded-key"

    probe_interval: "1s"
    probe_timeout: "500ms"

    gossip_interval: "200ms"
    push_pull_interval: "30s"
`,
    faults: [["cluster.gossip.encryption_key", "make one with `hearsay keygen` or `head -c 32 /dev/urandom"], OPENGSLB],
    alone: [["cluster.gossip.encryption_key", "make one with `hearsay keygen` or `head -c 32 /dev/urandom"]],
  },
  {
    document: "000",
    what: "encryption, with the key of the example",
    form: "yaml",
    text: `cluster:
  gossip:
    encryption_key: "xK7dQm9pR8vLnM3wYhA2cE5fG6jN1sU4tB0oZiXeHrI="
`,
    faults: [OPENGSLB],
    alone: [],
  },
  {
    document: "000",
    what: "faster propagation",
    form: "yaml",
    text: `cluster:
  gossip:
    gossip_interval: "100ms"
`,
    faults: [OPENGSLB],
    alone: [],
  },
  {
    document: "001",
    what: "Helm values",
    form: "yaml",
    text: `gossip:
  enabled: true
  port: 7946
  protocolPeriod: "200ms"
  ackTimeout: "100ms"
  suspicionTimeout: "5s"
  discovery:
    provider: "k8s"
    namespace: ""
    labelSelector: "app.kubernetes.io/name=longbow"
    staticPeers: ""
    dnsRecord: "_gossip._udp.longbow.default.svc.cluster.local"
`,
    faults: [KUBERNETES, LONGBOW],
    alone: [KUBERNETES],
  },
  {
    document: "001",
    what: "environment",
    form: "environment",
    text: `LONGBOW_GOSSIP_ENABLED=true
LONGBOW_GOSSIP_PORT=7946
LONGBOW_GOSSIP_PROTOCOL_PERIOD=200ms
LONGBOW_GOSSIP_ACK_TIMEOUT=100ms
LONGBOW_GOSSIP_SUSPICION_TIMEOUT=5s
LONGBOW_GOSSIP_DISCOVERY_PROVIDER=k8s
`,
    faults: [
      ["LONGBOW_GOSSIP_ENABLED", LONGBOW[1]],
      ["LONGBOW_GOSSIP_DISCOVERY_PROVIDER", KUBERNETES[1]],
    ],
    alone: [["LONGBOW_GOSSIP_DISCOVERY_PROVIDER", KUBERNETES[1]]],
  },
  {
    document: "001",
    what: "discovery by Kubernetes",
    form: "yaml",
    text: `gossip:
  discovery:
    provider: "k8s"
    labelSelector: "app.kubernetes.io/name=longbow"
`,
    faults: [KUBERNETES, LONGBOW],
    alone: [KUBERNETES],
  },
  {
    document: "001",
    what: "discovery by DNS",
    form: "yaml",
    text: `gossip:
  discovery:
    provider: "dns"
    dnsRecord: "_gossip._udp.longbow.default.svc.cluster.local"
`,
    faults: [DNS, LONGBOW],
    alone: [DNS],
  },
  {
    document: "001",
    what: "static seeds",
    form: "yaml",
    text: `gossip:
  discovery:
    provider: "static"
    staticPeers: "127.0.0.1:17946,127.0.0.1:17947,127.0.0.1:17948"
`,
    faults: [LONGBOW],
    alone: [],
  },
];

/** The blocks of the same documents that are no configuration of the agent, and what each waits for. */
export const WAITING: readonly string[] = [
  "000: the four messages in JSON: health events",
  "000: the commands that make and try a key, and nc: shown in the guides, not loaded",
  "001: metrics: Longbow's names of them",
  "001: grpcurl: mesh actions over Flight",
  "001: NetworkPolicy, StatefulSet and Service: deployment on Kubernetes",
  "001: kubectl logs: the words of discovery in the log",
];
