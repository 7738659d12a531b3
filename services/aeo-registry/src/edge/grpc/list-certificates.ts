import type { UnaryHandler } from '@aeo/platform/grpc';
import { registryService } from '@aeo/proto';
import { idPairPattern } from '@aeo/platform/field-formats';
import type { ListedCertificate, Ports } from '../../ports.ts';
import { sizeClasses, statuses } from '../../application/publication/status-message.ts';
import { refuseFields } from './fields.ts';

const limits = { usual: 50, max: 200 };

type Handler = UnaryHandler<
  registryService.ListCertificatesRequest,
  registryService.ListCertificatesResponse
>;

/** The register, page by page; the cursor is the last certificate id and its operator's of the page before. */
export const listCertificates =
  (ports: Pick<Ports, 'listCertificates'>): Handler =>
  async ({ limit, cursor }) => {
    if (limit < 0 || limit > limits.max) refuseFields([{ path: 'limit', code: 'FIELD_RANGE' }]);
    if (cursor !== '' && !idPairPattern.test(cursor))
      refuseFields([{ path: 'cursor', code: 'FIELD_FORMAT' }]);
    const [certificateId = '', operatorId = ''] = cursor.split('/');
    const size = limit === 0 ? limits.usual : limit;
    const items = (await ports.listCertificates({ certificateId, operatorId }, size)).map(summaryOf);
    const last = items.length < size ? undefined : items.at(-1);
    return { items, nextCursor: last === undefined ? '' : `${last.certificateId}/${last.operatorId}` };
  };

function summaryOf({
  operatorId,
  sizeClass,
  certificate,
}: ListedCertificate): registryService.CertificateSummary {
  return registryService.CertificateSummary.fromPartial({
    certificateId: certificate.certificateId,
    operatorId,
    programmeId: certificate.programmeId,
    tier: certificate.tier,
    status: statuses[certificate.status],
    sizeClass: sizeClasses[sizeClass] ?? 0,
  });
}
