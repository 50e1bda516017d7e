/** The command `hearsay` as a function, for programs with arguments of their own. */
export { type DemoOptions, runDemo } from "./demo/demo.ts";
