/** What the command `hearsay` does, for programs that bring their own arguments. */
export { type DemoOptions, runDemo } from "./demo/demo.ts";
