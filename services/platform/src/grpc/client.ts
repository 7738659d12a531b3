import {
  credentials,
  Metadata,
  type Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ChannelCredentials,
  type MethodDefinition,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { context, propagation } from '@opentelemetry/api';
import { newId } from '../ids.ts';
import type { Stoppable } from '../lifecycle.ts';
import { fromStatus } from './status.ts';
import type { TlsFiles } from './tls.ts';
import { waitForDrain } from './wait-for-drain.ts';

type CallSettings = {
  deadlineMs?: number;
  actor?: string;
  idempotencyKey?: string;
  /** A bearer token: the caller is the one it was issued to. */
  token?: string;
};

/** An open stream as its client sees it. */
type ClientStream<Request, Response> = {
  /** Fulfilled when the transport accepts more. */
  write(request: Request): Promise<void>;
  onMessage(listener: (response: Response) => void): void;
  /** Fulfilled when the stream has ended, rejected with an AppError when it broke. */
  closed: Promise<void>;
  /** Ends sending; answers may still arrive. */
  end(): void;
  /** Cancels the stream at once; `closed` is rejected. */
  cancel(): void;
};

type ClientConstructor<C extends Client> = {
  new (address: string, channel: ChannelCredentials, options?: Partial<ClientOptions>): C;
  service: ServiceDefinition;
};

export type GrpcClient = Stoppable & {
  /** @throws AppError with the code, reason and fields of the server */
  call<Request, Response>(
    method: MethodOf<Request, Response>,
    request: Request,
    settings?: CallSettings,
  ): Promise<Response>;
  stream<Request, Response>(method: MethodOf<Request, Response>): ClientStream<Request, Response>;
};

/** A method of a generated service definition, such as `RiskServiceService.trainModel`. */
export type MethodOf<Request, Response> = Pick<
  MethodDefinition<Request, Response>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

/** A client of one address. Every call has a deadline. */
export function grpcClient<C extends Client>(
  Constructor: ClientConstructor<C>,
  settings: { address: string; tls?: TlsFiles; defaultDeadlineMs?: number },
): GrpcClient {
  const { tls, address } = settings;
  const channel = tls ? credentials.createSsl(tls.ca, tls.key, tls.cert) : credentials.createInsecure();
  const client = new Constructor(address, channel, {
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5_000,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.initial_reconnect_backoff_ms': 100,
  });
  return {
    name: `client of ${Constructor.service[Object.keys(Constructor.service)[0] ?? '']?.path ?? address}`,
    call: (method, request, options = {}) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + (options.deadlineMs ?? settings.defaultDeadlineMs ?? 1_000);
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          request,
          metadataOf(options),
          { deadline },
          (error, response) => {
            if (error) reject(fromStatus(error));
            else if (response === undefined) reject(new Error('an answer without a message'));
            else resolve(response);
          },
        );
      }),
    stream: (method) =>
      streamOf(
        client.makeBidiStreamRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          metadataOf({}),
        ),
      ),
    stop: () => Promise.resolve(client.close()),
  };
}

function metadataOf(settings: CallSettings): Metadata {
  const headers: Record<string, string> = { 'correlation-id': newId() };
  if (settings.actor !== undefined) headers['actor'] = settings.actor;
  if (settings.idempotencyKey !== undefined) headers['idempotency-key'] = settings.idempotencyKey;
  if (settings.token !== undefined) headers['authorization'] = `Bearer ${settings.token}`;
  propagation.inject(context.active(), headers);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

function streamOf<Request, Response>(
  call: ClientDuplexStream<Request, Response>,
): ClientStream<Request, Response> {
  let over = false;
  const closed = new Promise<void>((resolve, reject) => {
    call.once('end', resolve);
    call.once('error', (error) => reject(fromStatus(error as Parameters<typeof fromStatus>[0])));
  }).finally(() => (over = true));
  // A caller that ignores `closed` must not end the process; its writes fail visibly all the same.
  closed.catch(() => undefined);
  return {
    write: (request) => {
      if (over) return closed;
      if (call.write(request)) return Promise.resolve();
      return Promise.race([waitForDrain(call), closed]);
    },
    onMessage: (listener) => void call.on('data', listener),
    closed,
    end: () => call.end(),
    cancel: () => call.cancel(),
  };
}
