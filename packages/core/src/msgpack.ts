/** Parts for other msgpack protocols, such as Serf's RPC, which are read as leniently and as safely as gossip. */

export { MsgpackReader } from "./wire/msgpack-reader.ts";
export { MsgpackSkipper, type SkipProgress } from "./wire/msgpack-skipper.ts";
export {
  entryCount,
  listLength,
  StructFields,
  type StructShape,
  structShape,
} from "./wire/struct-fields.ts";
export { Writer } from "./wire/writer.ts";
