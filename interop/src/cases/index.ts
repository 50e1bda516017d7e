import type { Case } from "../case-run.ts";
import { plain } from "./plain.ts";

/** Every case, in the order of the table of results. */
export const CASES: readonly Case[] = [plain];
