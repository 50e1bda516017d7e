/**
 * One measured figure of a sample; less is better. A figure is identified by its name: change the name with what is
 * measured, so that `compare` never compares two different things.
 */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** Prints a sample's figures as one line of JSON, which is the sample's whole standard output. */
export function tell(figures: readonly Figure[]): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** @throws Error if the text is not what {@link tell} prints. */
export function figuresOf(text: string): Figure[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || parsed.length === 0 || !parsed.every(isFigure)) {
    throw new Error(`not the figures of a sample: ${text.slice(0, 200)}`);
  }
  return parsed;
}

function isFigure(value: unknown): value is Figure {
  if (typeof value !== "object" || value === null || !("name" in value && "unit" in value && "value" in value)) {
    return false;
  }
  return typeof value.name === "string" && typeof value.unit === "string" && Number.isFinite(value.value);
}
