import { Agent, serfSettings } from "@hearsay/agent";
import { type Cluster, type ClusterOptions, createCluster } from "hearsay";
import type { Case } from "../case-run.ts";
import { isInNamespace, runInNamespace } from "../namespace.ts";
import { expect } from "../until.ts";

const BRIDGE = "172.17.0.1";
const ROUTED = "10.20.30.5";
const NAME = "pod.test";

/** As on a machine with Docker: the bridge is the first interface, and the other one has the default route. */
const NETWORK: readonly string[] = [
  "ip link set lo up",
  "ip link add docker0 type veth peer name docker0-far",
  `ip addr add ${BRIDGE}/16 dev docker0`,
  "ip link set docker0 up",
  "ip link set docker0-far up",
  "ip link add eth0 type veth peer name eth0-far",
  `ip addr add ${ROUTED}/24 dev eth0`,
  "ip link set eth0 up",
  "ip link set eth0-far up",
  "ip route add default via 10.20.30.1",
  "hosts=$(mktemp)",
  `printf '127.0.0.1 localhost\\n${ROUTED} ${NAME}\\n' > "$hosts"`,
  'mount --bind "$hosts" /etc/hosts',
  'rm -f "$hosts"',
];

/** Which address a node advertises and binds when neither is given as an IP address. */
export const defaultRoute: Case = {
  name: "default-route",
  shows:
    "Bound to 0.0.0.0, Hearsay advertises the address of the default route as memberlist does, and says that it is a guess; " +
    "names in `bind` and `advertise` are looked up.",
  async run(run) {
    if (!isInNamespace()) {
      return await runInNamespace("default-route", run.pace.name, run.pace.detectLimitMs, NETWORK);
    }
    const go = await run.startGo("go", { bindAddr: "0.0.0.0" });
    expect(go.address.startsWith(`${ROUTED}:`), `memberlist advertises ${go.address}`);

    const guessed = await started({ bind: "0.0.0.0:0" });
    expect(guessed.address.startsWith(`${ROUTED}:`), `a wildcard is advertised as ${guessed.address}`);
    expect(guessed.boundAddress.startsWith("0.0.0.0:"), `it listens at ${guessed.boundAddress}`);
    const warning = guessed.warnings.find((line) => line.includes("it is a guess"));
    expect(warning?.includes(BRIDGE) === true, `it warns of ${guessed.warnings.join("; ")}`);

    const told = await started({ bind: "0.0.0.0:0", advertise: `${NAME}:9000` });
    expect(told.address === `${ROUTED}:9000`, `a name is advertised as ${told.address}`);
    expect(!told.warnings.some((line) => line.includes("guess")), "what was said is taken for a guess");

    const bound = await started({ bind: `${NAME}:0` });
    expect(bound.boundAddress.startsWith(`${ROUTED}:`), `a name is bound as ${bound.boundAddress}`);

    const settings = serfSettings({ bind: `${NAME}:0`, advertise: `${NAME}:9001`, rpcAddr: "127.0.0.1:0" });
    const agent = await Agent.start(settings);
    const { address, boundAddress } = agent.cluster.self;
    await agent.shutdown();
    expect(address === `${ROUTED}:9001` && boundAddress.startsWith(`${ROUTED}:`), `the agent has ${address}`);
  },
};

/** A node's resulting addresses and its warnings. */
async function started(
  options: ClusterOptions,
): Promise<Pick<Cluster["self"], "address" | "boundAddress"> & { readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const quiet = (): void => {};
  const logger = { debug: quiet, info: quiet, warn: (text: unknown) => void warnings.push(String(text)), error: quiet };
  const cluster = await createCluster({ ...options, encryption: "off", logger });
  const { address, boundAddress } = cluster.self;
  await cluster.close();
  return { address, boundAddress, warnings };
}
