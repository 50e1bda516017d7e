import { createSocket } from "node:dgram";

/** The result of a flood. */
export interface FloodResult {
  readonly sent: number;
  readonly ms: number;
}

const BATCH_MAX = 2000;
const KINDS = 512;

/** A process that sends junk to an address: random bytes of many lengths, mostly with a known message type first. */
async function run([to = "", perSecond = "", forMs = ""]: readonly string[]): Promise<void> {
  const [host, port] = to.split(":");
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.connect(Number(port), host, resolve));
  const packets = Array.from({ length: KINDS }, junkPacket);
  const startedAt = performance.now();
  let sent = 0;
  const spent = (): number => performance.now() - startedAt;
  while (spent() < Number(forMs)) {
    // A slow machine sends as many as it can; the socket gets its turn in between.
    const due = Math.min((spent() * Number(perSecond)) / 1000, sent + BATCH_MAX);
    while (sent < due) socket.send(packets[sent++ % KINDS] ?? "");
    await new Promise((resolve) => setImmediate(resolve));
  }
  const result: FloodResult = { sent, ms: spent() };
  process.send?.(result);
  socket.close();
  process.disconnect();
}

function junkPacket(_: unknown, index: number): Uint8Array {
  const bytes = new Uint8Array(1 + ((index * 37) % 600));
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(Math.random() * 256);
  if (index % 8 !== 0) bytes[0] = index % 16;
  return bytes;
}

await run(process.argv.slice(2));
