import { configError } from "../base/errors.ts";

/** Checks a handler that `call` was given. @throws HearsayError `ERR_CONFIG` unless it is a function */
export function checkHandler(handler: unknown, call: string): void {
  if (typeof handler === "function") return;
  throw configError([{ key: "handler", value: handler, allowed: "a function" }], call);
}

/** Checks a name or a key that `call` was given. @throws HearsayError `ERR_CONFIG` unless it is text */
export function checkText(value: unknown, key: string, call: string): void {
  if (typeof value === "string") return;
  throw configError([{ key, value, allowed: "text" }], call);
}
