import { parentPort } from "node:worker_threads";
import { type StormOptions, StormRun } from "./storm-run.ts";

// Runs the storms that it is sent, one after another, and answers each with what came of it.
parentPort?.on("message", (options: StormOptions) => parentPort?.postMessage(new StormRun(options).run()));
