/** Serf's network coordinates (docs/protocol/serf.md, section 14). */
export {
  COORDINATE_DIMENSIONS,
  COORDINATE_ERROR_MAX,
  COORDINATE_HEIGHT_MIN,
  COORDINATE_MAGNITUDE_MAX,
  type Coordinate,
  isPlausible,
  newCoordinate,
} from "./coordinate.ts";
export {
  COORDINATE_PEERS_MAX,
  COORDINATE_RTT_MS_MAX,
  CoordinateClient,
  type CoordinateClientOptions,
  type CoordinateCounters,
  type CoordinateUpdate,
} from "./coordinate-client.ts";
export { estimatedRttMs } from "./geometry.ts";
