import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

/** A file that a handler answers instead of JSON: its bytes as they are read, of a type and length known before. */
export class Download {
  readonly content: AsyncIterable<Uint8Array>;
  readonly mediaType: string;
  readonly bytes: number;

  constructor(content: AsyncIterable<Uint8Array>, about: { mediaType: string; bytes: number }) {
    this.content = content;
    this.mediaType = about.mediaType;
    this.bytes = about.bytes;
  }
}

/** Sends a file as an attachment, never to be shown: an uploaded file must not run as a page of ours. */
export async function sendDownload(
  response: Response,
  { content, mediaType, bytes }: Download,
): Promise<void> {
  response.attachment().type(mediaType).set('Content-Length', String(bytes));
  try {
    await pipeline(Readable.from(content), response);
  } catch (error) {
    // The caller sees by the length that bytes are missing; a caller that disconnected is no error.
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
