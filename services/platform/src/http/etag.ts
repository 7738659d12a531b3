/** An answer with the tag of the version it shows. */
export class Tagged {
  readonly body: unknown;
  readonly etag: string;

  constructor(body: unknown, etag: string) {
    this.body = body;
    this.etag = etag;
  }
}

/**
 * The answer of a handler with an ETag (RFC 9110, 8.8.3), always a strong one.
 *
 * @param etag names the version: visible ASCII without quotes and commas, such as a version number
 * @throws Error for a text that cannot be an ETag
 */
export function withETag(body: unknown, etag: string): Tagged {
  if (!/^[!#-+\x2d-\x7e]{1,100}$/.test(etag)) throw new Error('this text cannot be an ETag');
  return new Tagged(body, etag);
}
