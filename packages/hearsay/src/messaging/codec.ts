import { configError, tooLargeError } from "../base/errors.ts";
import { type Form, form, isRecord } from "../forms/form.ts";
import { methods } from "../forms/plain-forms.ts";

/** Encodes the application's values as payloads and decodes them. */
export interface Codec<T> {
  /** May throw for a value that can't be sent; the caller gets that error unchanged. */
  encode(value: T): Uint8Array;
  /** Throws for invalid bytes. `bytes` is borrowed: copy what you keep. */
  decode(bytes: Uint8Array): T;
}

/**
 * Checks the result of an application's codec, which may be of any type. `what` is for the error message.
 *
 * @throws HearsayError `ERR_CONFIG`, `ERR_MESSAGE_TOO_LARGE`
 */
export function checkedPayload(payload: unknown, what: string, limitBytes: number): Uint8Array {
  if (!(payload instanceof Uint8Array)) {
    const allowed = `one whose encode makes a Uint8Array of ${what}`;
    throw configError([{ key: "codec", value: payload, allowed }]);
  }
  if (payload.length <= limitBytes) return payload;
  throw tooLargeError({ what, sizeBytes: payload.length, limitBytes });
}

/** The codecs of a request's payload and of its reply's. */
export interface ExchangeCodec<T, R> {
  readonly request: Codec<T>;
  readonly reply: Codec<R>;
}

/** A codec from the application. */
export const codecForm: Form<Codec<unknown>> = methods("a Codec", "encode", "decode");

/** The codecs of a request and its reply. */
export const exchangeForm: Form<ExchangeCodec<unknown, unknown>> = form(
  { type: "object", bounds: "an ExchangeCodec" },
  "an object whose request and reply have the methods encode and decode",
  (given) => (isExchange(given) ? given : undefined),
);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * JSON in UTF-8, the default everywhere. `undefined` is sent as an empty payload. It doesn't check that a received
 * value has the type T; your own codec can.
 */
export function jsonCodec<T>(): Codec<T> {
  return {
    encode(value) {
      const text: string | undefined = JSON.stringify(value);
      if (text !== undefined) return encoder.encode(text);
      if (value !== undefined) throw new TypeError("a function or symbol cannot be sent as JSON");
      return new Uint8Array(0);
    },
    decode: (bytes) => (bytes.length === 0 ? undefined : JSON.parse(decoder.decode(bytes))),
  };
}

/** Passes bytes unchanged. */
export const bytesCodec: Codec<Uint8Array> = {
  encode(value) {
    if (!(value instanceof Uint8Array)) throw new TypeError("the value is no Uint8Array");
    return value;
  },
  // A plain `Uint8Array`, also if the transport delivers Node buffers, whose `slice` is a view.
  decode: (bytes) => new Uint8Array(bytes),
};

/** JSON both ways. */
export function jsonExchange<T, R>(): ExchangeCodec<T, R> {
  return { request: jsonCodec<T>(), reply: jsonCodec<R>() };
}

function isExchange(given: unknown): given is ExchangeCodec<unknown, unknown> {
  const isCodec = (one: unknown): boolean => codecForm.read(one, "", []) !== undefined;
  return isRecord(given) && isCodec(given["request"]) && isCodec(given["reply"]);
}
