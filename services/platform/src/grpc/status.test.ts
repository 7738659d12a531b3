import { Metadata } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { refusalText, type Language } from '../refusal-texts.ts';
import { toStatus } from './status.ts';

const refusal = new AppError('conflict', 'KEY_REUSED', 'the key was used for something else');

test.each<[string | undefined, Language]>([
  [undefined, 'en'],
  ['es', 'es'],
  ['pt-BR, fr-CA;q=0.8, en;q=0.5', 'fr'],
  ['AR', 'ar'],
  ['*', 'en'],
])('a caller that accepts %s receives texts in %s', (accepted, language) => {
  const asked = new Metadata();
  if (accepted !== undefined) asked.set('accept-language', accepted);
  const { metadata } = toStatus(refusal, asked);
  expect(metadata.get('error-reason')).toEqual(['KEY_REUSED']);
  const [text] = metadata.get('error-text-bin');
  expect(String(text)).toBe(refusalText('KEY_REUSED', language));
});
