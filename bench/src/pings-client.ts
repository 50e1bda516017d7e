export async function pingsClient(_args: readonly string[]): Promise<void> {}
