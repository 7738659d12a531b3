import { fileTypeFromBuffer, supportedExtensions } from 'file-type';

/** A format by its usual ending, and its media type (RFC 6838). */
export type MediaType = { format: string; mediaType: string };

/** What a file is by its first bytes; undefined for what has no mark of its own, as plain text. */
export async function mediaTypeOf(beginning: Uint8Array): Promise<MediaType | undefined> {
  const found = await fileTypeFromBuffer(beginning);
  return found && { format: found.ext, mediaType: found.mime };
}

/** Whether files of a format can be told by their content at all. */
export function isKnownFormat(format: string): boolean {
  return supportedExtensions.has(format);
}
