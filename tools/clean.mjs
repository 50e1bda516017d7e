/** Deletes everything that a build, a test run or a packing leaves behind. `node_modules` stays. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const GENERATED = new Set(["dist", "dist-test", "coverage", ".cache"]);

clean(root);
rmSync(join(root, "interop/bin"), { recursive: true, force: true });

function clean(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === "node_modules" || entry.name === ".git") continue;
      if (GENERATED.has(entry.name)) rmSync(path, { recursive: true, force: true });
      else clean(path);
    } else if (entry.name.endsWith(".tsbuildinfo") || entry.name.endsWith(".tgz")) {
      rmSync(path);
    }
  }
}
