import { createSocket } from "node:dgram";
import { encodeMessage, Keyring, PacketCodec, PING, wireOptions } from "@hearsay/core/wire";
import { nodeCipher } from "hearsay/internal";

/** Outstanding pings at any time. */
const OUTSTANDING = 64;
/** After this time without any answer, all outstanding pings count as lost. */
const STALLED_MS = 50;

/** A process that pings a node as fast as it answers, for a time, then reports the number of answers and ends. */
async function run([name = "", to = "", ms = "", key = ""]: readonly string[]): Promise<void> {
  const bytes = pingOf(name, key);
  const [host, port] = to.split(":");
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.connect(Number(port), host, resolve));
  let answers = 0;
  let answersBefore = -1;
  const burst = (): void => {
    for (let i = 0; i < OUTSTANDING; i++) socket.send(bytes);
  };
  socket.on("message", () => {
    answers++;
    socket.send(bytes);
  });
  const watch = setInterval(() => {
    if (answers === answersBefore) burst();
    answersBefore = answers;
  }, STALLED_MS);
  burst();
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  clearInterval(watch);
  socket.close();
  process.send?.(answers);
  process.disconnect();
}

/** A named ping whose answer goes to its source address. */
function pingOf(name: string, key: string): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(key, "base64"));
  const secrets = key === "" ? {} : { keyring: new Keyring([], bytes), cipher: nodeCipher() };
  const codec = new PacketCodec(wireOptions(secrets));
  codec.begin();
  const source = { sourceAddr: new Uint8Array(0), sourcePort: 0, sourceNode: "" };
  codec.add(encodeMessage({ type: PING, node: name, seqNo: 4711, ...source }));
  return codec.finish(false).slice();
}

await run(process.argv.slice(2));
