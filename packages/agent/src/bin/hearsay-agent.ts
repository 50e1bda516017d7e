#!/usr/bin/env node
import { runAgent } from "../command.ts";

// Whatever still waits for somebody else, such as a pipe that nobody reads, has had its time.
process.exit(await runAgent(process.argv.slice(2)));
