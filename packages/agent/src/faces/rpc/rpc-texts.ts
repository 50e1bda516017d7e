import { createHash, timingSafeEqual } from "node:crypto";
import { isHearsayError } from "hearsay";
import { messageOf } from "../../base/message-of.ts";

/** Whether two secrets are equal, in constant time. */
export function isSameSecret(one: string, other: string): boolean {
  const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Serf has no such limit, and no text for it. */
export const FILTER_TOO_COSTLY = "Filter is too costly";

/** Serf's text for an event that can't be sent; `bytes` is the length of its name and payload. */
export function eventError(error: unknown, bytes: number): string {
  if (!isHearsayError(error, "ERR_MESSAGE_TOO_LARGE")) return messageOf(error);
  const { limitBytes } = error.data;
  return bytes > limitBytes
    ? `user event exceeds configured limit of ${limitBytes} bytes before encoding`
    : `encoded user event exceeds configured limit of ${limitBytes} bytes after encoding`;
}

/** The same for a query. */
export function queryError(error: unknown): string {
  const faults = isHearsayError(error, "ERR_CONFIG") ? error.data.faults : [];
  if (faults.some(({ key }) => key === "name")) return "Queries cannot contain the '_serf_' prefix";
  if (!isHearsayError(error, "ERR_MESSAGE_TOO_LARGE")) return messageOf(error);
  return `query exceeds limit of ${error.data.limitBytes} bytes`;
}

/** The same for tags. */
export function tagsError(error: unknown): string {
  if (!isHearsayError(error, "ERR_TAGS_TOO_LARGE")) return messageOf(error);
  return `Encoded length of tags exceeds limit of ${error.data.limitBytes} bytes`;
}

/** The same for an answer; Serf uses this prefix for every query. */
export function respondError(error: unknown): string {
  return `failed to respond to key query: ${respondReason(error)}`;
}

function respondReason(error: unknown): string {
  if (isHearsayError(error, "ERR_MESSAGE_TOO_LARGE")) return `response exceeds limit of ${error.data.limitBytes} bytes`;
  if (!isHearsayError(error, "ERR_QUERY_CLOSED")) return messageOf(error);
  return error.data.reason === "answered" ? "response already sent" : "response is past the deadline";
}

/** One line for each target that could not be joined. */
export function joinError(error: unknown): string {
  if (!isHearsayError(error, "ERR_JOIN_FAILED")) return messageOf(error);
  const { failures } = error.data;
  const lines = failures.map(({ target, reason, detail }) => {
    const why = reason === "refused" ? `dial tcp ${target}: connect: connection refused` : detail;
    return `\t* failed to join ${target}: ${why}`;
  });
  const count = failures.length === 1 ? "1 error occurred" : `${failures.length} errors occurred`;
  return `${count}:\n${lines.join("\n")}\n\n`;
}
