import { AppError, type FieldProblem } from '@aeo/platform/errors';
import { keepTrace } from '@aeo/platform/trace';
import { common, contentHash, type clearanceService, type declaration } from '@aeo/proto';
import type { Request } from '../ports.ts';

type Check = (holds: boolean, path: string, code: string) => void;

const partiesMax = 20;
const itemsMax = 999;

/**
 * The request behind a message.
 *
 * @throws AppError `invalid` with the path and code of every field that cannot be used
 */
export function readRequest(
  message: Pick<clearanceService.AssessRequest, 'declaration' | 'stage' | 'probe'>,
  correlationId: string,
): Request {
  const { declaration: declared, stage, probe } = message;
  const problems: FieldProblem[] = [];
  const check: Check = (holds, path, code) => {
    if (!holds) problems.push({ path, code });
  };
  check(isKnown(common.Stage, stage), 'stage', 'FIELD_UNKNOWN_VALUE');
  check(declared !== undefined, 'declaration', 'FIELD_REQUIRED');
  if (declared !== undefined) checkDeclaration(declared, check);
  if (problems.length > 0 || declared === undefined) throw invalid(problems);
  const inTrace = keepTrace();
  return { declaration: declared, contentHash: contentHash(declared), stage, probe, correlationId, inTrace };
}

export function invalid(fields: FieldProblem[]): AppError {
  const detail = fields.map(({ path, code }) => `${path}: ${code}`).join(', ');
  return new AppError('invalid', fields[0]?.code ?? 'FIELD_FORMAT', detail, { fields });
}

/** A value of a closed list that this version knows, other than "unspecified". */
export function isKnown(list: Record<string, number>, value: number): boolean {
  return value > 0 && Object.values(list).includes(value);
}

export function isIdentifier({ scheme, country, value }: common.Identifier): boolean {
  return (
    /^[a-z][a-z0-9-]{1,39}$/.test(scheme) && /^[A-Z]{2}$/.test(country) && /^[A-Z0-9-]{1,35}$/.test(value)
  );
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function checkDeclaration(declared: declaration.Declaration, check: Check): void {
  const at = (field: string) => `declaration.${field}`;
  check(/^[A-Za-z0-9-]{1,64}$/.test(declared.declarationId), at('declarationId'), 'FIELD_FORMAT');
  check(declared.version >= 1 && declared.version <= 1_000_000, at('version'), 'FIELD_RANGE');
  check(isKnown(common.DeclarationKind, declared.kind), at('kind'), 'FIELD_UNKNOWN_VALUE');
  check(isKnown(common.Direction, declared.direction), at('direction'), 'FIELD_UNKNOWN_VALUE');
  check(isKnown(common.TransportMode, declared.transportMode), at('transportMode'), 'FIELD_UNKNOWN_VALUE');
  check(/^[A-Za-z0-9-]{1,20}$/.test(declared.office), at('office'), 'FIELD_FORMAT');
  check(isDay(declared.declaredOn), at('declaredOn'), 'FIELD_FORMAT');
  check(/^[\x20-\x7e]{0,64}$/.test(declared.transportDocument), at('transportDocument'), 'FIELD_FORMAT');
  checkParties(declared, check);
  checkItems(declared.items, check);
}

/** Goods that enter have an importer, goods that leave an exporter; the other parties may be unnamed. */
function checkParties({ parties, direction }: declaration.Declaration, check: Check): void {
  const { PartyRole, Direction } = common;
  const needed = direction === Direction.EXPORT ? PartyRole.EXPORTER : PartyRole.IMPORTER;
  check(
    parties.some(({ role }) => role === needed),
    'declaration.parties',
    'PARTY_MISSING',
  );
  check(parties.length <= partiesMax, 'declaration.parties', 'BATCH_TOO_LARGE');
  parties.forEach(({ role, identifier }, index) => {
    const path = `declaration.parties[${index}]`;
    check(isKnown(PartyRole, role), `${path}.role`, 'FIELD_UNKNOWN_VALUE');
    check(identifier === undefined || isIdentifier(identifier), `${path}.identifier`, 'IDENTIFIER_FORMAT');
  });
}

function checkItems(items: declaration.Item[], check: Check): void {
  check(items.length > 0, 'declaration.items', 'FIELD_REQUIRED');
  check(items.length <= itemsMax, 'declaration.items', 'BATCH_TOO_LARGE');
  items.forEach((item, index) => {
    const path = `declaration.items[${index}]`;
    check(/^\d{6}$/.test(item.hs6), `${path}.hs6`, 'FIELD_FORMAT');
    check(item.netMassGrams >= 0n, `${path}.netMassGrams`, 'FIELD_RANGE');
    check((item.price?.minorUnits ?? 0n) >= 0n, `${path}.price.minorUnits`, 'FIELD_RANGE');
    check(item.taxRateBasisPoints >= 0, `${path}.taxRateBasisPoints`, 'FIELD_RANGE');
  });
}
