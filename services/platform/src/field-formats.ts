/** Ids of operators, applications, certificates and programmes, as callers and programme files may choose them. */
export const idPattern = /^[A-Za-z0-9-]{1,80}$/;

/** The code of a country, two capital letters (ISO 3166-1 alpha-2). */
export const countryPattern = /^[A-Z]{2}$/;

/** The name of an identifier scheme. */
export const schemePattern = /^[a-z][a-z0-9-]{1,39}$/;

export const identifierValuePattern = /^[A-Z0-9-]{1,35}$/;

export function isIdentifier({
  scheme,
  country,
  value,
}: {
  scheme: string;
  country: string;
  value: string;
}): boolean {
  return schemePattern.test(scheme) && countryPattern.test(country) && identifierValuePattern.test(value);
}

/** True for a day of the calendar, from the year 0 on, written yyyy-mm-dd. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** True for a value of a closed list of the contracts that this version knows, "unspecified" excepted. */
export function isKnown(list: Readonly<Record<string, number>>, value: number): boolean {
  return value > 0 && Object.values(list).includes(value);
}

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
