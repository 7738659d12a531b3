import { AppError } from '@aeo/platform/errors';
import { peerName, type Routes } from '@aeo/platform/http';
import { z } from 'zod';
import type { Ports } from '../../ports.ts';
import { ourArrangement } from '../grpc/get-arrangement.ts';

const pageMax = 200;
const acknowledgement = z.strictObject({
  sequence: z.int().min(1),
  outcome: z.string().regex(/^[A-Za-z_]{1,60}$/),
});

type RoutePorts = Pick<Ports, 'arrangement' | 'issued' | 'signer'>;

/** Serves our lists to the partner and receives its acknowledgements. All other callers are refused. */
export const partnerRoutes =
  ({ arrangement, issued, signer }: RoutePorts): Routes =>
  (router) => {
    const path = '/mra/v1/arrangements/:id';
    router.get('/.well-known/jwks.json', async (_request, response) => {
      response.send(await signer.keys());
    });
    router.use(path, (request, _response, next) => {
      if (peerName(request) !== arrangement.partner.administration)
        throw new AppError('denied', 'PEER_NOT_REGISTERED', 'your certificate is not that of the partner');
      ourArrangement(arrangement, request.params.id);
      next();
    });
    router.get(`${path}/lists`, async (request, response) => {
      const limit = numberOf(request.query['limit'], 'limit', pageMax) ?? pageMax;
      const items = await issued.headers(numberOf(request.query['cursor'], 'cursor', 2 ** 53), limit);
      const last = items.at(-1)?.header.sequence ?? 1;
      response.send({ items, nextCursor: items.length < limit || last <= 1 ? null : String(last) });
    });
    router.get(`${path}/lists/:sequence`, async (request, response) => {
      const sequence = numberOf(request.params.sequence, 'sequence', 2 ** 53) ?? 0;
      const list = await issued.find(sequence);
      if (list === undefined) throw new AppError('not_found', 'NOT_FOUND', 'there is no such list');
      response.send(list);
    });
    router.get(`${path}/status-list`, async (_request, response) => {
      const list = await issued.find(await issued.lastSequence());
      response.send({
        items: (list?.rows ?? []).filter(({ status }) => status !== 'active'),
        nextCursor: null,
      });
    });
    router.post(`${path}/acknowledgements`, async (request, response) => {
      const body = acknowledgement.safeParse(request.body);
      if (!body.success) {
        const fields = body.error.issues.map((issue) => ({
          path: issue.path.join('.'),
          code: 'FIELD_FORMAT',
        }));
        throw new AppError('invalid', 'FIELD_FORMAT', 'an acknowledgement has a sequence and an outcome', {
          fields,
        });
      }
      const { sequence, outcome } = body.data;
      if (!(await issued.acknowledge(sequence, peerName(request), outcome)))
        throw new AppError('not_found', 'NOT_FOUND', 'there is no such list');
      response.status(204).end();
    });
  };

/** @throws AppError `invalid` for anything but a whole number from 1 to the bound */
function numberOf(text: unknown, path: string, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw new AppError('invalid', 'FIELD_RANGE', `${path} is out of range`, {
    fields: [{ path, code: 'FIELD_RANGE' }],
  });
}
