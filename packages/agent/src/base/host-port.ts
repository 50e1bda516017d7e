/** A host as it stands before a port: IPv6 in brackets. */
export function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** `host:port`. */
export function hostPortText({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${hostText(host)}:${port}`;
}
