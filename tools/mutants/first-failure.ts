/** A reporter that reports the first test that fails and ends the process. */
import { writeSync } from "node:fs";
import { Transform } from "node:stream";
import type { TestEvent } from "node:test/reporters";

const reporter: Transform = new Transform({
  writableObjectMode: true,
  transform({ type, data }: TestEvent, _encoding, done): void {
    if (type === "test:fail") {
      writeSync(1, `${JSON.stringify({ failed: data.name, file: data.file })}\n`);
      process.exit(1);
    }
    done();
  },
});

export default reporter;
