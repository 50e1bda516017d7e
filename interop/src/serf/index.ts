export { Peer } from "./peer.ts";
export { HEARSAY, type Program, serfPrograms } from "./programs.ts";
export { SerfRun } from "./serf-run.ts";
