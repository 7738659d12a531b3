/** Ids of operators, applications, certificates and programmes, as callers and programme files may choose them. */
export const idPattern = /^[A-Za-z0-9-]{1,80}$/;

/** Two ids, as cursors of lists have them. */
export const idPairPattern = /^([A-Za-z0-9-]{1,80})\/([A-Za-z0-9-]{1,80})$/;

/**
 * Control and format characters, those that turn the direction of text among them, line and paragraph separators,
 * and halves of characters (surrogates without their other half), which no database text can hold.
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** @param lengthMax in UTF-16 code units */
export function isPlainText(text: string, lengthMax: number): boolean {
  return text.trim() !== '' && text.length <= lengthMax && !unprintable.test(text);
}

/** A caller's own name for one command: visible ASCII. */
export const keyPattern = /^[\x21-\x7e]{1,120}$/;

/** In UTF-16 code units. */
const personMax = 120;

/** The name of a person or system: two that look the same are the same. */
export function isPersonName(text: string): boolean {
  return isPlainText(text, personMax) && text === text.trim() && text === text.normalize('NFC');
}
