/** A configuration that can't be used. The message says why. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
