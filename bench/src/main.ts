import { parseArgs } from "node:util";
import { joinOnce, joins } from "./joins.ts";
import { lossyPropagation } from "./lossy.ts";
import { propagation } from "./propagation.ts";
import { print, type Row } from "./rows.ts";

const USAGE = `usage: npm run bench -- <name> [--json] [--quick]
  propagation   an urgent broadcast to 100 nodes, with the eager lane and without it
  joins         50 nodes that start at the same time
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});
const [name, size] = positionals;

async function measure(): Promise<Row[] | null> {
  switch (name) {
    case "propagation":
      return [...(await propagation(100, values.quick ? 8 : 50)), ...lossyPropagation(values.quick ? 200 : 3000)];
    case "joins":
      return joins(50, values.quick ? 5 : 20);
    default:
      return null;
  }
}

if (name === "join-once") {
  console.log(await joinOnce(Number(size)));
} else {
  const rows = await measure();
  if (rows === null) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  } else {
    print(rows, values.json);
  }
}
