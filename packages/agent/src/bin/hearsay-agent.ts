#!/usr/bin/env node
import { runAgent } from "../command.ts";

// Anything still pending, such as a pipe that nobody reads, has had its time.
process.exit(await runAgent(process.argv.slice(2)));
