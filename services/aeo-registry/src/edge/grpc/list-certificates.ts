import type { UnaryHandler } from '@aeo/platform/grpc';
import type { registryService } from '@aeo/proto';
import { idPairPattern } from '@aeo/platform/field-formats';
import type { Ports } from '../../ports.ts';
import { certificatePage } from '../certificate-register.ts';
import { refuseFields } from '../refusals.ts';

const limits = { usual: 50, max: 200 };

type Handler = UnaryHandler<
  registryService.ListCertificatesRequest,
  registryService.ListCertificatesResponse
>;

/** The register, page by page. */
export const listCertificates =
  (ports: Pick<Ports, 'listCertificates'>): Handler =>
  async ({ limit, cursor }) => {
    if (limit < 0 || limit > limits.max) refuseFields([{ path: 'limit', code: 'FIELD_RANGE' }]);
    if (cursor !== '' && !idPairPattern.test(cursor))
      refuseFields([{ path: 'cursor', code: 'FIELD_FORMAT' }]);
    const page = await certificatePage(ports, { limit: limit === 0 ? limits.usual : limit, cursor });
    return { items: page.items, nextCursor: page.nextCursor ?? '' };
  };
