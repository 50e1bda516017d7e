export { type TestFunctions, type TransportPair, transportContract } from "./transport-contract.ts";
