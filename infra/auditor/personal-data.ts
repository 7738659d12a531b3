/** A text and where it was found: a line of a log, a line of metrics, an attribute of a span. */
export type Text = { place: string; text: string };

/** The place and kind of a personal value; the value itself is not repeated. */
export type Finding = { place: string; kind: string };

/** Shorter values (a number, a country, an office) occur in any text by chance and identify no person. */
const lengthMin = 6;

/**
 * Finds personal values in texts, as whole words or numbers and in any case.
 *
 * @param forbidden kind by value: identifiers, names, ids of operators, certificates and declarations, transport
 * documents; values of fewer than six characters are left out
 */
export function findPersonalData(forbidden: ReadonlyMap<string, string>, texts: Iterable<Text>): Finding[] {
  const byFirstWord = indexed(forbidden);
  const findings: Finding[] = [];
  for (const { place, text } of texts) {
    const lower = text.toLowerCase();
    for (const { 0: word, index } of lower.matchAll(/[\p{L}\p{N}]+/gu))
      for (const { value, kind } of byFirstWord.get(word) ?? [])
        if (isWordAt(lower, value, index)) findings.push({ place, kind });
  }
  return findings;
}

/**
 * The lines of `/metrics` without their samples: names, labels and help. The digits of a sample may equal any number.
 */
export function metricTexts(source: string, text: string): Text[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => ({
    place: `${source}:${index + 1}`,
    text: line.startsWith('#') ? line : line.slice(0, line.lastIndexOf(' ')),
  }));
}

/** The lines of a log. */
export function logTexts(source: string, text: string): Text[] {
  return text
    .split('\n')
    .flatMap((line, index) => (line === '' ? [] : [{ place: `${source}:${index + 1}`, text: line }]));
}

type Forbidden = { value: string; kind: string };

function indexed(forbidden: ReadonlyMap<string, string>): Map<string, Forbidden[]> {
  const byFirstWord = new Map<string, Forbidden[]>();
  for (const [text, kind] of forbidden) {
    // Characters before the first letter or digit are ignored.
    const value = text.toLowerCase().replace(/^[^\p{L}\p{N}]+/u, '');
    if (value.length < lengthMin) continue;
    const [word] = /^[\p{L}\p{N}]+/u.exec(value) ?? [''];
    const group = byFirstWord.get(word) ?? [];
    group.push({ value, kind });
    byFirstWord.set(word, group);
  }
  return byFirstWord;
}

/** Not inside a longer word, nor as the digits of a number with a decimal point. */
function isWordAt(text: string, value: string, index: number): boolean {
  if (!text.startsWith(value, index)) return false;
  const before = text.slice(Math.max(0, index - 2), index);
  const after = text.slice(index + value.length, index + value.length + 2);
  return !/\d\.$/.test(before) && !/^[\p{L}\p{N}]/u.test(after) && !/^\.\d/.test(after);
}
