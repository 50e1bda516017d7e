import { parentPort, workerData } from "node:worker_threads";
import { StormRun } from "./storm-run.ts";

// One storm, in a thread of its own.
parentPort?.postMessage(new StormRun(workerData).run());
