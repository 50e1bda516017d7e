import type { MemberStatus } from "hearsay";
import type { MemberReport, View } from "./reports.ts";
import type { Style } from "./style.ts";
import type { ProcessState } from "./supervised-node.ts";
import { spanText } from "./words.ts";

/** One process, with what is known of it without the cluster. */
export interface TableNode {
  readonly name: string;
  readonly address: string | null;
  readonly process: ProcessState;
}

/** The contents of the table. */
export interface TableInput {
  readonly nodes: readonly TableNode[];
  /** The node whose view is shown; null if none runs. */
  readonly observer: { readonly name: string; readonly view: View } | null;
  readonly selected: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const HEADS: readonly string[] = ["", "name", "address", "process", "state", "incarnation", "round trip", "since"];
const WIDTHS: readonly number[] = [3, 8, 17, 10, 9, 12, 11, 10];
const RIGHT: ReadonlySet<number> = new Set([5, 6, 7]);

/** The table: a line of heads, then one line per node. Lines are cut to the width, without counting colours. */
export function tableLines(input: TableInput, columns: number, style: Style): string[] {
  const heads = rowLine(
    HEADS.map((text) => ({ text, paint: style.faint })),
    columns,
  );
  return [heads, ...input.nodes.map((node, index) => rowLine(cellsOf(node, index, input, style), columns))];
}

/** Cuts a line to a width. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

function cellsOf(node: TableNode, index: number, input: TableInput, style: Style): Cell[] {
  const { observer, selected, nowMs } = input;
  const member = observer?.view.members.find(({ name }) => name === node.name);
  const mark = `${index === selected ? ">" : " "}${index + 1}`;
  const isFine = node.process === "running";
  const process = { text: node.process, ...(isFine ? {} : { paint: style.warning }) };
  const head = [
    { text: mark, paint: style.strong },
    { text: node.name, ...(index === selected ? { paint: style.strong } : {}) },
    { text: member?.address ?? node.address ?? "-" },
    process,
  ];
  if (member === undefined) return [...head, { text: "unknown", paint: style.faint }];
  return [
    ...head,
    { text: member.status, paint: paintOf(member.status, style) },
    { text: String(member.incarnation) },
    { text: roundTripText(member) },
    { text: ageText(nowMs - member.sinceMs) },
  ];
}

/** Whole seconds below a minute, so that a row isn't redrawn four times a second. */
function ageText(ms: number): string {
  return ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : spanText(ms);
}

function roundTripText({ isSelf, roundTripMs }: MemberReport): string {
  if (isSelf) return "self";
  return roundTripMs === null ? "-" : spanText(roundTripMs);
}

function paintOf(status: MemberStatus, style: Style): (text: string) => string {
  if (status === "alive") return style.good;
  if (status === "suspect" || status === "leaving") return style.warning;
  return status === "failed" ? style.bad : style.faint;
}

function rowLine(cells: readonly Cell[], columns: number): string {
  let line = "";
  let room = columns;
  for (const [column, { text, paint }] of cells.entries()) {
    const width = WIDTHS[column] ?? 10;
    const padded = cut(RIGHT.has(column) ? text.padStart(width) : text.padEnd(width), room);
    line += paint === undefined ? padded : paint(padded);
    room -= padded.length;
    if (room <= 1) break;
    line += " ";
    room--;
  }
  return line;
}
