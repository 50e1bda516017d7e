/**
 * Where a node can be reached: raw IP bytes and a port, as memberlist carries them
 * (docs/protocol/memberlist.md, section 10).
 *
 * The 4 or 16 bytes are kept exactly as received, including the IPv4-mapped form, because older peers compare them
 * byte by byte. We compare by value: `key` is the same for both forms of one IPv4 address.
 */
export interface Address {
  /** 4 or 16 bytes, as received. */
  readonly ip: Uint8Array;
  readonly port: number;
  /** The IP as text without brackets; the IPv4-mapped form reads as IPv4. */
  readonly host: string;
  /** `host:port`, IPv6 in brackets. Equal keys are equal addresses. */
  readonly key: string;
}

/** Makes an address from a copy of raw bytes; null unless there are 4 or 16 bytes. */
export function addressFromBytes(ip: Uint8Array, port: number): Address | null {
  if (ip.length !== 4 && ip.length !== 16) return null;
  const host = ipText(ip);
  return { ip: ip.slice(), port, host, key: addressKey(host, port) };
}

/** Makes an address from an IP literal; null for other text. IPv4 becomes 4 bytes, also from the mapped form. */
export function addressFromText(host: string, port: number): Address | null {
  const ip = parseIp(host);
  if (ip === null) return null;
  const text = ipText(ip);
  return { ip, port, host: text, key: addressKey(text, port) };
}

/** `host:port`, with brackets around IPv6. */
export function addressKey(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether 16 bytes are an IPv4 address in the form ::ffff:a.b.c.d. */
function isMapped(ip: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (ip[i] !== 0) return false;
  return ip[10] === 0xff && ip[11] === 0xff;
}

/** IP text in canonical form (RFC 5952); mapped IPv4 reads as IPv4. */
export function ipText(ip: Uint8Array): string {
  if (ip.length === 4) return `${ip[0]}.${ip[1]}.${ip[2]}.${ip[3]}`;
  if (isMapped(ip)) return `${ip[12]}.${ip[13]}.${ip[14]}.${ip[15]}`;
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((ip[i] ?? 0) << 8) | (ip[i + 1] ?? 0));
  // RFC 5952: the longest run of at least two zero groups becomes "::"; of equal runs, the first does.
  let runStart = -1;
  let runLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > runLength) {
      runStart = i;
      runLength = length;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (runStart < 0) return hex.join(":");
  return `${hex.slice(0, runStart).join(":")}::${hex.slice(runStart + runLength).join(":")}`;
}

/** Raw bytes of an IP literal: 4 for IPv4 and mapped IPv4, 16 for IPv6; null for other text, also with a zone index. */
export function parseIp(text: string): Uint8Array | null {
  if (!text.includes(":")) return parseIpv4(text);
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 2 ? missing < 2 : missing !== 0) return null;
  const ip = new Uint8Array(16);
  ip.set(head);
  ip.set(tail, 16 - tail.length);
  return isMapped(ip) ? ip.slice(12) : ip;
}

function parseGroups(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".")) {
      const ipv4 = index === groups.length - 1 ? parseIpv4(group) : null;
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes.length > 16 ? null : bytes;
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const ip = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return null;
    ip[index] = Number(part);
  }
  return ip;
}
