import { setTimeout as pause } from 'node:timers/promises';
import { clearanceDecision, clearanceService, common } from '@aeo/proto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { declarationOf } from '../../infra/main-job/declarations/declaration-message.ts';
import { readDeclarationsFile } from '../../infra/main-job/input/declarations-file.ts';
import { certifiedTrader } from '../setup/registry/certified-trader.ts';
import { eventually } from '../setup/eventually.ts';
import { startServices, type TestServices } from '../setup/services/services.ts';

const { MatchOutcome, PartyRole, Stage } = common;
const row = readDeclarationsFile('infra/data/2021-q1.csv').rows[0]!;
const identifier = { scheme: 'national-trader-id', country: 'XA', value: 'TRADER7' };

let services: TestServices;
beforeAll(async () => void (services = await startServices(inject('stack'), 2)), 60_000);
afterAll(() => services.stop(), 60_000);

async function assess(declarationId: string): Promise<clearanceDecision.Decision> {
  const declaration = { ...declarationOf(row), declarationId, transportDocument: '' };
  const request = clearanceService.AssessRequest.fromPartial({
    declaration: { ...declaration, parties: [{ role: PartyRole.IMPORTER, identifier }] },
    stage: Stage.PRE_ARRIVAL,
  });
  const service = clearanceService.ClearanceServiceService;
  return (await services.clearance[0]!.call(service.assess, request)).decision!;
}

async function ledger() {
  const { rows } = await services.clearanceDatabase.query<{ record: Buffer }>(
    "SELECT record FROM ledger WHERE declaration_id LIKE 'EARLY-%'",
  );
  return rows.map(({ record }) => clearanceDecision.Decision.decode(record));
}

test('a status change produces one new revision of each affected open decision, with several nodes', async () => {
  const count = 450;
  const { suspend } = await certifiedTrader(services.registry, common.Identifier.fromPartial(identifier));
  let probes = 0;
  await eventually(async () =>
    expect((await assess(`PROBE-${(probes += 1)}`)).matches[0]?.outcome).toBe(MatchOutcome.MATCHED),
  );
  await Promise.all(Array.from({ length: count }, (_, n) => assess(`EARLY-${n}`)));
  await suspend('an enquiry');
  // Under load a decision may have been degraded for a moment, so that its own healing adds one.
  const answers = async () =>
    (await ledger()).filter(
      ({ matches, noBenefit }) => matches[0]?.outcome === MatchOutcome.SUSPENDED && noBenefit.length === 0,
    );
  await eventually(
    async () => {
      const ids = new Set((await answers()).map(({ declarationId }) => declarationId));
      expect(ids.size).toBe(count);
    },
    { timeoutMs: 30_000, everyMs: 250 },
  );
  // Both nodes ask for these decisions until none made before the change can be under way, five seconds.
  for (const endMs = Date.now() + 8_000; Date.now() < endMs; await pause(500))
    expect(await answers()).toHaveLength(count);
}, 90_000);
