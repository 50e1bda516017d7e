export {
  type MembersFilter,
  type QueryWatcher,
  type RpcClientOptions,
  RpcError,
  type RpcQuery,
  SerfRpcClient,
} from "./client.ts";
export type { EventRecord, KeyResult, RpcCoordinate, RpcMember } from "./messages.ts";
