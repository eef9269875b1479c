import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { closeAll, OPERATION, startAccount, startServer, TRAINING } from './support';

afterEach(closeAll);

type Encode = (body: Buffer | string) => Buffer;

const ENCODINGS: [string, Encode][] = [
  ['gzip', gzipSync],
  ['GZIP', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  // Without the header of the format, as some servers send it.
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['identity', Buffer.from],
  ['', Buffer.from],
  ['deflate, identity, gzip', (body) => gzipSync(deflateSync(body))],
  ['gzip, gzip, gzip', (body) => gzipSync(gzipSync(gzipSync(body)))],
];

/** A gateway that compresses without having been asked to. */
const gateway = (encoding: string, answer: (method: string) => [number, Buffer]) =>
  startServer(({ method }, response) => {
    const [status, body] = answer(method);
    response.writeHead(status, { 'content-encoding': encoding }).end(body);
  });

const plain = (method: string) => JSON.stringify(method === 'POST' ? OPERATION : TRAINING);

test('no compression is asked for', async () => {
  const server = await gateway('gzip', (method) => [202, gzipSync(plain(method))]);
  await startAccount(server).account.archive('123456', 'c-1');
  expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
});

describe.each(ENCODINGS)('an answer with content-encoding "%s"', (encoding, encode) => {
  test('to a read and to the archive', async () => {
    const server = await gateway(encoding, (method) => [
      method === 'POST' ? 202 : 200,
      encode(plain(method)),
    ]);
    const { account } = startAccount(server);
    expect(await account.readTraining('123456')).toMatchObject({ value: { name: 'Cats' } });
    expect(await account.archive('123456', 'c-1')).toMatchObject({ kind: 'accepted' });
  });

  test('that is an error', async () => {
    const error = JSON.stringify({ code: 'INAPPROPRIATE_STATUS', message: 'Not closed' });
    const server = await gateway(encoding, () => [409, encode(error)]);
    expect(await startAccount(server).account.archive('123456', 'c-1')).toEqual({
      kind: 'refused',
      outcome: { code: 'INAPPROPRIATE_STATUS', said: 'Not closed', httpStatus: 409 },
    });
  });

  test('without a body', async () => {
    const server = await gateway(encoding, () => [204, Buffer.alloc(0)]);
    expect(await startAccount(server).account.archive('123456', 'c-1')).toEqual({ kind: 'already_archived' });
  });
});

const fourfold = gzipSync(gzipSync(gzipSync(gzipSync(plain('POST')))));
const noise = Buffer.from('not compressed at all');
const sized = (mebibytes: number) => Buffer.alloc(mebibytes * 1024 * 1024, ' ');

test.each<[string, string, Buffer, RegExp]>([
  ['that is compressed in another way', 'zstd', noise, /content-encoding: zstd/],
  ['whose encoding is a secret', 'OAuth secret-1', noise, /content-encoding: \[redacted\]/],
  ['that is not compressed', 'gzip', noise, /cannot be decompressed/],
  ['that is not compressed', 'br', noise, /cannot be decompressed/],
  ['that is compressed again and again', 'gzip,gzip,gzip,gzip', fourfold, /cannot be decompressed/],
  ['that is cut', 'gzip', gzipSync(plain('POST')).subarray(0, 60), /broke off/],
  ['that is cut', 'br', brotliCompressSync(plain('POST')).subarray(0, 60), /broke off/],
  ['that grows over the limit', 'gzip', gzipSync(sized(21)), /It is larger than this client reads/],
  ['that grows over the limit', 'deflate', deflateSync(sized(21)), /It is larger than this client reads/],
  ['that grows over the limit', 'br', brotliCompressSync(sized(21)), /It is larger than this client reads/],
])('a success %s (%s): it is not known what was done', async (_what, encoding, body, reason) => {
  const server = await gateway(encoding, () => [202, body]);
  const { account, warnings } = startAccount(server);
  expect(await account.archive('123456', 'c-1')).toMatchObject({
    kind: 'unknown',
    outcome: { code: 'toloka_unreadable', httpStatus: 202 },
  });
  expect(server.requests).toHaveLength(1);
  expect(warnings()).toMatchObject([{ reason: expect.stringMatching(reason) }]);
});

test('an error that cannot be decompressed leaves the kind to the status', async () => {
  const server = await gateway('gzip', () => [403, noise]);
  const { account } = startAccount(server);
  expect(await account.readTraining('123456')).toMatchObject({ kind: 'no_access', why: { httpStatus: 403 } });
});

test('a compressed body that breaks off', async () => {
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 500 });
    response.write(gzipSync(plain('GET')).subarray(0, 40));
    setImmediate(() => response.destroy());
  });
  const { account, warnings } = startAccount(server);
  await account.readTraining('123456');
  expect(warnings()).toMatchObject([{ reason: expect.stringMatching(/broke off/) }]);
});

test('a body just within the limit is read', async () => {
  const body = Buffer.concat([sized(19), Buffer.from(plain('GET'))]);
  const server = await gateway('gzip', () => [200, gzipSync(body)]);
  expect(await startAccount(server).account.readTraining('123456')).toMatchObject({ kind: 'found' });
});
