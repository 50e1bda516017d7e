/** An error's message; any other thrown value as text, if it has any. Never throws: reading or converting it may. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "something without a text was thrown";
  }
}
