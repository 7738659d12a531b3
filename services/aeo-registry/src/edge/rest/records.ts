import { countryPattern, identifierValuePattern, schemePattern } from '@aeo/platform/field-formats';
import { restRoute, type RestRoute } from '@aeo/platform/http';
import { z } from 'zod';
import { callers } from '../callers.ts';
import type { IdentifierClaim, Profile } from '../../domain/operator/event.ts';
import type { Command } from '../../domain/operator/command.ts';
import type { Particulars } from '../../domain/operator/particulars.ts';
import type { Ports } from '../../ports.ts';
import { executeOnRecord } from './execute-command.ts';
import { day, factValue, facts, id, instant, name } from './fields.ts';
import {
  consentsAnswer,
  delegationsAnswer,
  identifiersAnswer,
  particularsAnswer,
  statementsAnswer,
} from './record-answers.ts';

const operatorPath = '/v1/operators/{operatorId}';
const operatorParams = { operatorId: id };

/** The commands on the record of a firm: identifiers, facts, consents, delegations, sites, persons and linked firms. */
export function recordRoutes(ports: Ports): RestRoute[] {
  return [
    ...identifierRoutes(ports),
    factsRoute(ports),
    consentRoute(ports),
    ...delegationRoutes(ports),
    ...particularRoutes(ports),
  ];
}

const identifier = z.strictObject({
  scheme: z.string().regex(schemePattern),
  country: z.string().regex(countryPattern),
  value: z.string().regex(identifierValuePattern),
});

/** A firm has an identifier for a time; decisions on declarations under it from before its end stay as they are. */
function identifierRoutes(ports: Ports): RestRoute[] {
  const path = `${operatorPath}/identifiers`;
  const identifiersOf = ({ profile }: { profile: Profile }) => ({
    identifiers: profile.identifiers.map((claim) => withCheckResult(claim, ports)),
  });
  const bound = instant.nullable().default(null);
  return [
    restRoute({
      method: 'post',
      path,
      summary: 'Records one more identifier, from a day or until one',
      allow: callers.command,
      params: operatorParams,
      answer: identifiersAnswer,
      body: z
        .strictObject({ identifier, validFrom: bound, validUntil: bound })
        .refine(({ validFrom, validUntil }) => inOrder(validFrom, validUntil), { path: ['validUntil'] }),
      handle: ({ params: { operatorId }, body: claim }, context) =>
        executeOnRecord(ports, operatorId, { type: 'ClaimIdentifier', claim }, context, identifiersOf),
    }),
    restRoute({
      method: 'post',
      path: `${path}/end`,
      summary: 'Ends an identifier, now or later',
      allow: callers.command,
      params: operatorParams,
      answer: identifiersAnswer,
      body: z.strictObject({ identifier, validUntil: bound }),
      handle: ({ params: { operatorId }, body }, context) =>
        executeOnRecord(ports, operatorId, { type: 'EndIdentifier', ...body }, context, identifiersOf),
    }),
  ];
}

/** An identifier with the result of its scheme's rule today. */
export function withCheckResult(claim: IdentifierClaim, { rules }: Pick<Ports, 'rules'>) {
  return { ...claim, standing: rules.checkIdentifier(claim.identifier) };
}

function inOrder(from: string | null, until: string | null): boolean {
  return from === null || until === null || from < until;
}

function factsRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'post',
    path: `${operatorPath}/facts`,
    summary: 'Records facts that a programme reads',
    allow: callers.record,
    params: operatorParams,
    answer: statementsAnswer,
    body: z.strictObject({
      programmeId: id,
      origin: z.enum(['authority', 'auditor', 'agency']),
      facts: facts(factValue),
    }),
    handle: ({ params: { operatorId }, body }, context) => {
      const stated = body.facts as Record<string, z.output<typeof factValue>>;
      const command = { ...body, type: 'RecordFacts' as const, facts: stated };
      return executeOnRecord(ports, operatorId, command, context, ({ statements }) => ({ statements }));
    },
  });
}

function consentRoute(ports: Ports): RestRoute {
  return restRoute({
    method: 'put',
    path: `${operatorPath}/consents/{programmeId}/{consentId}`,
    summary: 'Gives or withdraws a consent, for one arrangement where the programme asks for each',
    allow: callers.firm,
    params: { ...operatorParams, programmeId: id, consentId: id },
    answer: consentsAnswer,
    body: z.strictObject({ arrangement: id.or(z.literal('')).default(''), given: z.boolean() }),
    handle: ({ params: { operatorId, ...consent }, body }, context) => {
      const command = { type: 'RecordConsent' as const, ...consent, ...body };
      return executeOnRecord(ports, operatorId, command, context, ({ consents }) => ({ consents }));
    },
  });
}

function delegationRoutes(ports: Ports): RestRoute[] {
  const path = `${operatorPath}/delegations/{adviser}`;
  const params = { ...operatorParams, adviser: z.string().regex(/^[\x21-\x7e]{1,120}$/) };
  const delegationsOf = ({ delegations }: { delegations: unknown }) => ({ delegations });
  return [
    restRoute({
      method: 'put',
      path,
      summary: 'Delegates to an adviser, by the subject of its tokens',
      allow: callers.delegate,
      params,
      answer: delegationsAnswer,
      body: z.strictObject({ until: instant.nullable().default(null) }),
      handle: ({ params: { operatorId, adviser }, body: { until } }, context) => {
        const command = { type: 'GrantDelegation' as const, adviser, until };
        return executeOnRecord(ports, operatorId, command, context, delegationsOf);
      },
    }),
    restRoute({
      method: 'delete',
      path,
      summary: 'Ends a delegation at once',
      allow: callers.delegate,
      params,
      answer: delegationsAnswer,
      handle: ({ params: { operatorId, adviser } }, context) =>
        executeOnRecord(ports, operatorId, { type: 'RevokeDelegation', adviser }, context, delegationsOf),
    }),
  ];
}

const until = day.nullable().default(null);
const place = z.strictObject({
  street: name,
  city: name,
  postcode: name,
  country: z.string().regex(countryPattern),
});
const figures = z.record(id, z.number().min(0).max(1e15));

/** The kinds of particulars by their names in a path, with their fields. */
const kinds = {
  sites: {
    kind: 'site' as const,
    summary: 'Records premises of the operator',
    body: z.strictObject({
      name,
      address: place,
      uses: z.array(id).max(50).default([]),
      from: until,
      until,
    }),
  },
  persons: {
    kind: 'person' as const,
    summary: 'Records a person on whom a condition of competence rests',
    body: z.strictObject({ name, position: name, leftOn: until }),
  },
  'group-firms': {
    kind: 'groupFirm' as const,
    summary: "Records a firm whose figures count for this one's size",
    body: z.strictObject({
      name,
      relation: z.enum(['linked', 'partner']),
      share: z.number().min(0).max(1),
      facts: figures,
      until,
    }),
  },
  'relied-upon-parties': {
    kind: 'reliedUponParty' as const,
    summary: 'Records a firm on whose status or premises this one relies',
    body: z.strictObject({ name, operatorId: id.nullable().default(null), role: id, until }),
  },
};

function particularRoutes(ports: Ports): RestRoute[] {
  return Object.entries(kinds).map(([path, { kind, summary, body }]) =>
    restRoute({
      method: 'put',
      path: `${operatorPath}/${path}/{particularId}`,
      summary,
      allow: callers.firm,
      params: { ...operatorParams, particularId: id },
      answer: particularsAnswer(path, kind),
      body: body as z.ZodType<Particulars[keyof Particulars]>,
      handle: ({ params: { operatorId, particularId }, body: particular }, context) => {
        const command = { type: 'RecordParticular', kind, id: particularId, particular } as Command;
        return executeOnRecord(ports, operatorId, command, context, ({ particulars }) => ({
          [path]: particulars[kind],
        }));
      },
    }),
  );
}
