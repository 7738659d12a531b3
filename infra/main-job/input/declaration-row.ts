/** The columns a declarations file must have, in any order. */
export const columns = [
  'Declaration ID',
  'Date',
  'Office ID',
  'Process Type',
  'Import Type',
  'Import Use',
  'Payment Type',
  'Mode of Transport',
  'Declarant ID',
  'Importer ID',
  'Seller ID',
  'Courier ID',
  'HS6 Code',
  'Country of Departure',
  'Country of Origin',
  'Tax Rate',
  'Tax Type',
  'Country of Origin Indicator',
  'Net Mass',
  'Item Price',
  'Fraud',
  'Critical Fraud',
] as const;

type Column = (typeof columns)[number];

/** One usable row. Mass in kilograms, price in units of the currency, tax rate in per cent. */
export type DeclarationRow = {
  line: number;
  declarationId: string;
  date: string;
  office: string;
  processType: string;
  importType: string;
  importUse: string;
  paymentType: string;
  transportMode: string;
  declarant: string;
  importer: string;
  seller: string;
  courier: string;
  hs6: string;
  departure: string;
  origin: string;
  taxRate: number;
  taxType: string;
  originIndicator: string;
  netMass: number;
  price: number;
  finding: boolean;
  critical: boolean;
};

/** Why a row was left out. */
export type RowDefect = { line: number; column: string; reason: string };

/** Reads one record against the header; the first defect found decides. */
export function readRow(header: string[], record: string[], line: number): DeclarationRow | RowDefect {
  if (record.length !== header.length) {
    const column = header[record.length] ?? 'end of row';
    return { line, column, reason: `${record.length} fields where the header has ${header.length}` };
  }
  const defects: RowDefect[] = [];
  const cell = new Map(header.map((name, index) => [name, (record[index] ?? '').trim()]));
  const read: Read = (column, check, fallback) => {
    const result = check(cell.get(column) ?? '');
    if (typeof result !== 'string') return result;
    defects.push({ line, column, reason: result });
    return fallback;
  };
  const text = (column: Column, pattern: RegExp, form: string): string => {
    const value = cell.get(column) ?? '';
    if (!pattern.test(value))
      defects.push({ line, column, reason: `"${value.slice(0, 40)}" is not ${form}` });
    return value;
  };
  const row = rowFrom(line, text, read);
  if (row.critical && !row.finding)
    defects.push({
      line,
      column: 'Critical Fraud',
      reason: 'critical, where Fraud says there is no finding',
    });
  return defects[0] ?? row;
}

type ReadText = (column: Column, pattern: RegExp, form: string) => string;
/** A check returns the value, or the reason why there is none. */
type Read = <T extends number | boolean>(
  column: Column,
  check: (text: string) => T | string,
  fallback: T,
) => T;

function rowFrom(line: number, text: ReadText, read: Read): DeclarationRow {
  const code = (column: Column) => text(column, /^[A-Za-z0-9]{1,10}$/, 'a code of 1 to 10 letters or digits');
  const trader = (column: Column) =>
    text(column, /^[A-Z0-9-]{1,35}$/, 'an identifier of capitals and digits');
  const country = (column: Column) => text(column, /^[A-Z]{2}$/, 'a country code of two capitals');
  return {
    line,
    declarationId: trader('Declaration ID'),
    date: dateText(text('Date', /^\d{4}-\d{2}-\d{2}$/, 'a date written yyyy-mm-dd'), read),
    office: code('Office ID'),
    processType: code('Process Type'),
    importType: code('Import Type'),
    importUse: code('Import Use'),
    paymentType: code('Payment Type'),
    transportMode: code('Mode of Transport'),
    declarant: trader('Declarant ID'),
    importer: trader('Importer ID'),
    seller: text('Seller ID', /^[A-Z0-9-]{0,35}$/, 'empty or an identifier of capitals and digits'),
    courier: text('Courier ID', /^[A-Z0-9-]{0,35}$/, 'empty or an identifier of capitals and digits'),
    hs6: text('HS6 Code', /^\d{1,6}$/, 'a code of at most six digits').padStart(6, '0'),
    departure: country('Country of Departure'),
    origin: country('Country of Origin'),
    taxRate: read('Tax Rate', notNegative(10_000), 0),
    taxType: code('Tax Type'),
    originIndicator: code('Country of Origin Indicator'),
    netMass: read('Net Mass', notNegative(1e12), 0),
    price: read('Item Price', notNegative(1e15), 0),
    finding: read('Fraud', oneOf({ '0': false, '1': true }), false),
    critical: read('Critical Fraud', oneOf({ '0': false, '1': false, '2': true }), false),
  };
}

function dateText(value: string, read: Read): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const day = new Date(`${value}T00:00:00Z`);
  const real = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
  const inRange = value >= '1990-01-01' && value <= '2100-01-01';
  read(
    'Date',
    () => (real && inRange ? true : `"${value}" is not a day of the calendar from 1990 to 2100`),
    true,
  );
  return value;
}

function notNegative(max: number): (text: string) => number | string {
  return (text) => {
    const value = Number(text);
    if (text === '' || !Number.isFinite(value)) return `"${text.slice(0, 40)}" is not a number`;
    if (value < 0) return `${text} is negative`;
    return value <= max ? value : `${text} is larger than ${max}`;
  };
}

function oneOf(values: Record<string, boolean>): (text: string) => boolean | string {
  return (text) =>
    (Object.hasOwn(values, text) ? values[text] : undefined) ??
    `"${text.slice(0, 40)}" is not one of ${Object.keys(values).join(', ')}`;
}
