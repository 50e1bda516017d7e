export {
  type NodeRef,
  type TestConditions,
  type TestNetwork,
  type TestNetworkOptions,
  type TestNodeOptions,
  testNetwork,
} from "./test-network.ts";
export { type TestFunctions, type TransportPair, transportContract } from "./transport-contract.ts";
