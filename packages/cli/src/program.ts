import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";

/** Flags of `hearsay config` among those of the agent. What it shows is always effective. */
const OWN_FLAGS: readonly string[] = ["--json", "--effective"];

/** Exit codes of the commands. */
const FAILED = 1;
const USAGE = 2;

/** Where the commands write, and the variables that they read. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  write(text: string): void;
  complain(text: string): void;
}

/** Runs the command `hearsay` with these arguments. Resolves to the exit code. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let code = 0;
  const program = programFor(surroundings, (exitCode) => {
    code = exitCode;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The text has been written; help and version are no mistakes.
    return error.exitCode === 0 ? 0 : USAGE;
  }
}

function programFor({ environment, write, complain }: Surroundings, exit: (code: number) => void): Command {
  const version = ownVersion();
  const program = new Command("hearsay")
    .description("Cluster membership, failure detection and gossip.")
    .version(version, "--version", "show the version")
    .helpOption("--help", "show this text")
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: complain, outputError: (text) => complain(ownError(text)) })
    .addHelpText("after", "\nExit codes: 0 success, 1 failure or faults found, 2 the arguments are wrong.");

  /** A command whose further arguments and flags belong to the agent. */
  const withAgentFlags = (command: Command): Command =>
    command.allowUnknownOption().passThroughOptions().helpOption(false).argument("[flags...]");

  withAgentFlags(program.command("agent"))
    .description("run a node as a process; hearsay agent --help lists its flags")
    .action(async (flags: string[]) => {
      const { runAgent } = await import("@hearsay/agent/command");
      // Anything still pending, such as a pipe that nobody reads, has had its time.
      process.exit(await runAgent(flags, environment));
    });

  program
    .command("dev")
    .description("five nodes of one cluster on this machine, to watch and to break")
    .option("--once", "play all of it as a story, then end; exit 0 only if all of it came true")
    .addHelpText(
      "after",
      "\nIn a terminal it shows the members as one of the nodes sees them, and takes keys that\n" +
        "kill, pause, resume and restart them; elsewhere it plays the story. Set NO_COLOR for\noutput without colours.",
    )
    .action(async ({ once = false }: { once?: boolean }) => {
      const { runDemo } = await import("./demo/demo.ts");
      exit(await runDemo({ once, version }));
    });

  program
    .command("keygen")
    .description("make a key: 32 random bytes in base64, for encryption.keys of all nodes")
    .action(async () => {
      const { generateKey } = await import("hearsay");
      write(`${generateKey()}\n`);
    });

  const config = program
    .command("config")
    .description("look at a configuration of the agent without starting it")
    .enablePositionalOptions();
  for (const [name, description] of [
    ["check", "report all faults of files, environment and flags, or advice on them"],
    ["show", "every key with its value and origin"],
  ] as const) {
    withAgentFlags(config.command(name))
      .description(description)
      .usage(`[--json] [file]... [flags of hearsay agent]`)
      .action(async (flags: string[]) => {
        if (flags.includes("--help"))
          return void write(config.commands.find((one) => one.name() === name)?.helpInformation() ?? "");
        const { checkConfig, showConfig } = await import("@hearsay/agent/command");
        const report = name === "check" ? checkConfig : showConfig;
        const { text, isSound } = report(
          flags.filter((flag) => !OWN_FLAGS.includes(flag)),
          environment,
          flags.includes("--json"),
        );
        write(text);
        exit(isSound ? 0 : FAILED);
      });
  }
  config
    .command("convert")
    .description(
      "print a file of Serf's agent, OpenGSLB or Longbow in Hearsay's names; it holds the keys of the original",
    )
    .argument("<file>")
    .action(async (file: string) => {
      const { ConfigError, convertFile } = await import("@hearsay/agent/command");
      try {
        const { document, notes } = convertFile(file);
        for (const note of notes) complain(`not converted: ${note}\n`);
        write(document);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        complain(`hearsay: ${file}: ${error.message}\n`);
        exit(FAILED);
      }
    });
  config
    .command("schema")
    .description("the JSON Schema of the agent's files, for editors")
    .action(async () => {
      const { configSchemaText } = await import("@hearsay/agent/command");
      write(configSchemaText());
    });

  return program;
}

/** Errors name the command, as those of other programs do. */
function ownError(text: string): string {
  return text.replace(/^error: /, "hearsay: ");
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}
