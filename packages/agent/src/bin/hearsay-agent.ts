#!/usr/bin/env node
import { runSerfAgent } from "../commands/serf-agent.ts";

// Anything still pending, such as a pipe that nobody reads, has had its time.
process.exit(await runSerfAgent(process.argv.slice(2)));
