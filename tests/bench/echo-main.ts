import { readFileSync } from 'node:fs';
import {
  credentials,
  Server,
  ServerCredentials,
  type ClientDuplexStream,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { loadTls } from '@aeo/platform/grpc';
import { clearanceService } from '@aeo/proto';

type StreamRequest = clearanceService.AssessStreamRequest;
type StreamResponse = clearanceService.AssessStreamResponse;
type PriorityRequest = clearanceService.GetPriorityRequest;
type PriorityResponse = clearanceService.GetPriorityResponse;

/**
 * The baseline: grpc-js alone, with the same messages and mutual TLS, which answers every question with one answer made
 * beforehand. With an address of a next hop it hands stream messages on and sends back what comes from there.
 */
const { port, tlsDirectory, answers, next } = JSON.parse(process.argv[2] ?? '') as {
  port: number;
  tlsDirectory: string;
  /** A folder with `priority.bin` and `assessed.bin`. */
  answers: string;
  next?: string;
};
const tls = loadTls(tlsDirectory, 'clearance-priority');
const priority = clearanceService.GetPriorityResponse.decode(readFileSync(`${answers}/priority.bin`));
const assessed = clearanceService.AssessStreamResponse.decode(readFileSync(`${answers}/assessed.bin`));
const hop =
  next === undefined
    ? undefined
    : new clearanceService.ClearanceServiceClient(
        next,
        credentials.createSsl(tls.ca, tls.key, tls.cert),
      ).assessStream();

const server = new Server();
server.addService(clearanceService.ClearanceServiceService, {
  getPriority: (
    _: ServerUnaryCall<PriorityRequest, PriorityResponse>,
    done: sendUnaryData<PriorityResponse>,
  ) => done(null, priority),
  assessStream: (stream: ServerDuplexStream<StreamRequest, StreamResponse>) =>
    hop === undefined ? answerHere(stream) : handOn(stream, hop),
});
const pair = { private_key: tls.key, cert_chain: tls.cert };
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createSsl(tls.ca, [pair], true), (error) => {
  if (error !== null) throw error;
});

function answerHere(stream: ServerDuplexStream<StreamRequest, StreamResponse>): void {
  stream.on('data', ({ requestId }: StreamRequest) => void stream.write({ ...assessed, requestId }));
  stream.on('end', () => stream.end()).on('error', () => undefined);
}

function handOn(
  stream: ServerDuplexStream<StreamRequest, StreamResponse>,
  to: ClientDuplexStream<StreamRequest, StreamResponse>,
): void {
  const back = (answer: StreamResponse) => void stream.write(answer);
  to.on('data', back);
  stream.on('data', (request: StreamRequest) => void to.write(request));
  stream.on('end', () => {
    to.off('data', back);
    stream.end();
  });
  stream.on('error', () => undefined);
}
