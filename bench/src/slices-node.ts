export async function slicesNode(_args: readonly string[]): Promise<void> {}
