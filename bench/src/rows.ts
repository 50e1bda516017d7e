/** One measured figure, in the form that `--json` prints. */
export interface Row {
  readonly bench: string;
  readonly row: string;
  readonly unit: string;
  /** The median over the runs. */
  readonly ours: number;
  /** The figure beside it, measured in the same run; null if there is none. */
  readonly peer: number | null;
  /** ours / peer. */
  readonly ratio: number | null;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** Makes a row from several measurements of one figure. */
export function row(bench: string, name: string, unit: string, ours: readonly number[], peer?: readonly number[]): Row {
  const middle = percentile(ours, 50);
  const other = peer === undefined || peer.length === 0 ? null : percentile(peer, 50);
  const [min = Number.NaN] = [...ours].sort((a, b) => a - b);
  const ratio = other === null || other === 0 ? null : middle / other;
  return { bench, row: name, unit, ours: middle, peer: other, ratio, min, max: Math.max(...ours), runs: ours.length };
}

/** Separate rows for a fresh process and for the second time: the median of two values would be the lesser. */
export function coldAndWarm(bench: string, name: string, unit: string, [cold, warm]: readonly [number, number]): Row[] {
  return [row(bench, `${name}, cold`, unit, [cold]), row(bench, `${name}, warm`, unit, [warm])];
}

/** Nearest-rank percentile; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Prints rows as a table, or as one JSON object per line. */
export function print(rows: readonly Row[], asJson: boolean): void {
  for (const one of rows) {
    if (asJson) {
      console.log(JSON.stringify(one));
      continue;
    }
    const peer =
      one.peer === null ? "" : `  peer ${figureText(one.peer)}  ratio ${figureText(one.ratio ?? Number.NaN)}`;
    const spread = one.runs > 1 ? `  (${figureText(one.min)}..${figureText(one.max)}, ${one.runs} runs)` : "";
    console.log(
      `${one.bench.padEnd(12)} ${one.row.padEnd(52)} ${figureText(one.ours).padStart(9)} ${one.unit}${peer}${spread}`,
    );
  }
}

/** Three digits, or whole numbers from 100 on. */
export function figureText(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
