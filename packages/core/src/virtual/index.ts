export { type LinkConditions, PacketModel, PERFECT_LINK } from "./packet-model.ts";
export { VirtualClock, type VirtualTimer } from "./virtual-clock.ts";
