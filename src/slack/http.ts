import type { IncomingMessage, RequestListener } from 'node:http';
import { type App, HTTPModuleFunctions, type Receiver, ReceiverMultipleAckError } from '@slack/bolt';
import type { Logger } from '../logger';

/** Twice the largest click that the app's own cards, modals and Home tab can cause, in bytes. */
const MAX_BODY = 256 * 1024;
/** Four times as many as the smallest TCP segments make of such a body. Each costs time and memory. */
const MAX_CHUNKS = 2_000;

/** A request that is not Slack's, or that comes too early. */
class Rejected extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Takes Slack's signed requests. In place of Bolt's own receiver, in which a body that is no object ends the process,
 * and a client may send 4 MB for as long as it likes before its signature is checked.
 */
export function createHttpReceiver({
  signingSecret,
  logger,
}: {
  signingSecret: string;
  logger: Logger;
}): Receiver & { listener: RequestListener } {
  let app: App;
  let started = false;

  async function receive(...[request, response]: Parameters<RequestListener>): Promise<void> {
    if (!started) throw new Rejected(503, 'the app has not started yet');
    const rawBody = await readBody(request);
    const signed = await HTTPModuleFunctions.parseAndVerifyHTTPRequest(
      { signingSecret },
      Object.assign(request, { rawBody }),
    ).catch((error: Error) => {
      throw new Rejected(401, error.message);
    });
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(signed);
    if (!isObject(body)) throw new Rejected(400, 'the body is no object');
    if (body['ssl_check']) return HTTPModuleFunctions.buildSSLCheckResponse(response);
    if (body['type'] === 'url_verification')
      return HTTPModuleFunctions.buildUrlVerificationResponse(response, body);
    const ack = async (answer?: unknown) => {
      if (response.headersSent) throw new ReceiverMultipleAckError();
      HTTPModuleFunctions.buildContentResponse(response, answer);
    };
    await app.processEvent({ body, ack });
    if (!response.headersSent) throw new Rejected(400, 'nothing in this app handles it');
  }

  const listener: RequestListener = (request, response) => {
    receive(request, response).catch((error: Error) => {
      // Anything else is thrown by a parser that did not expect such a body.
      const status = error instanceof Rejected ? error.status : 400;
      logger.warn('HTTP request not accepted', { status, reason: error.message });
      if (!response.headersSent) response.writeHead(status, { connection: 'close' }).end();
    });
  };
  return {
    listener,
    init(its) {
      app = its;
    },
    async start() {
      started = true;
    },
    // What arrives is taken until the server is closed.
    async stop() {},
  };
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const length = Number(request.headers['content-length'] ?? MAX_BODY);
    const tooLarge = new Rejected(413, 'the body is too large, or in too many parts');
    if (length > MAX_BODY) throw tooLarge;
    const body = Buffer.allocUnsafe(length);
    let size = 0;
    let chunks = 0;
    request.on('data', (chunk: Buffer) => {
      chunks += 1;
      if (chunks > MAX_CHUNKS || size + chunk.length > length) reject(tooLarge);
      else size += chunk.copy(body, size);
    });
    request.on('end', () => resolve(body.subarray(0, size)));
    request.on('error', reject);
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
