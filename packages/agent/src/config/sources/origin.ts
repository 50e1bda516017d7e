/** Where a value was written. */
export type Origin =
  /** An argument of the command line, as it is written. */
  | { readonly kind: "flag"; readonly name: string }
  | { readonly kind: "environment"; readonly name: string }
  | {
      readonly kind: "file";
      readonly path: string;
      /** The key as the file spells it. */
      readonly key: string;
      /** From 1. */
      readonly line: number;
      readonly column: number;
    }
  | { readonly kind: "profile"; readonly name: string }
  /** Nobody wrote it; `key` is what a fault is about. */
  | { readonly kind: "default"; readonly key?: string };

/** The origin of what nobody has written. */
export const NOWHERE: Origin = { kind: "default" };

/** An origin as a fault names it: `hearsay.yaml:3:18: cluster.gossip.probe_interval`. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case "flag":
    case "environment":
      return origin.name;
    case "file": {
      const place = `${origin.path}:${origin.line}:${origin.column}`;
      return origin.key === "" ? place : `${place}: ${origin.key}`;
    }
    case "profile":
      return `profile ${origin.name}`;
    case "default":
      return origin.key ?? "default";
  }
}

/** An origin within a sentence: `gossip.port in values.yaml:4`. */
export function originName(origin: Origin): string {
  return origin.kind === "file" ? `${origin.key} in ${origin.path}:${origin.line}` : originText(origin);
}
