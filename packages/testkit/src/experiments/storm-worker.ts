import { parentPort, workerData } from "node:worker_threads";
import { StormRun } from "./storm-run.ts";

// Runs one storm, in its own thread.
parentPort?.postMessage(new StormRun(workerData).run());
