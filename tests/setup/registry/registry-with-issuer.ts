import { randomUUID } from 'node:crypto';
import { registryService } from '@aeo/proto';
import type { Endpoints } from '../../../infra/local/stack-types.ts';
import { startTestIssuer, type TestIssuer } from '../http/token-issuer.ts';
import { registration, startTestRegistry, type TestRegistry } from './registry.ts';

type Rest = TestRegistry['restByToken'] extends (token: string, ...rest: infer More) => infer Answer
  ? (...more: More) => Answer
  : never;

/** A caller with a token. */
type TokenCaller = {
  token: string;
  rest: Rest;
  download: (path: string) => ReturnType<TestRegistry['download']>;
};

type Claims = { roles: string[]; operatorIds?: string[]; agencies?: string[] };

/** A registry that accepts the tokens of its own issuer, and its callers. */
export type RegistryWithIssuer = {
  registry: TestRegistry;
  issuer: TestIssuer;
  caller(subject: string, claims: Claims): Promise<TokenCaller>;
  /** Registers an operator; `own` is its path. */
  firm(): Promise<{ operatorId: string; applicant: TokenCaller; own: string }>;
  /** How many entries the audit log has for an operator. */
  auditedOf(operatorId: string): Promise<number>;
  stop(): Promise<void>;
};

export async function startRegistryWithIssuer(stack: Endpoints): Promise<RegistryWithIssuer> {
  const issuer = await startTestIssuer();
  const registry = await startTestRegistry(stack, {
    issuer: { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience },
  });
  const caller = async (subject: string, { roles, operatorIds = [], agencies = [] }: Claims) => {
    const token = await issuer.token({ sub: subject, roles, agencies, operator_ids: operatorIds });
    const rest: Rest = (...more) => registry.restByToken(token, ...more);
    return { token, rest, download: (path: string) => registry.download(token, path) };
  };
  return {
    registry,
    issuer,
    caller,
    firm: async () => {
      const operatorId = randomUUID();
      const { registerOperator } = registryService.RegistryServiceService;
      await registry.as('officer').call(registerOperator, registration(operatorId));
      const claims = { roles: ['applicant'], operatorIds: [operatorId] };
      const applicant = await caller(`owner-of-${operatorId}`, claims);
      return { operatorId, applicant, own: `/v1/operators/${operatorId}` };
    },
    auditedOf: async (operatorId) => {
      const { rows } = await registry.database.query<{ n: bigint }>(
        'SELECT count(*) AS n FROM audit WHERE operator_id = $1',
        [operatorId],
      );
      return Number(rows[0]?.n);
    },
    stop: async () => {
      await registry.stop();
      await issuer.stop();
    },
  };
}
