export { type TestFunctions, type TransportPair, transportContract } from "hearsay/testing";
