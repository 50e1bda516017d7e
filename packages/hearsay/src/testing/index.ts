export {
  type NodeRef,
  type TestConditions,
  type TestNetwork,
  type TestNetworkOptions,
  type TestNodeOptions,
  testNetwork,
} from "./test-network.ts";
export type { TransportPair } from "./transport-bench.ts";
export { type TestFunctions, transportContract } from "./transport-contract.ts";
