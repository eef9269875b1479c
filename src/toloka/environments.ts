import { BlockList, isIP } from 'node:net';
import { TolokaError } from './errors';

/** How the path of a training is written: `trainings` since 2022, `training` in the document of 2021. */
export type TrainingPath = 'trainings' | 'training';

/**
 * The environments by name: where the API is, where people see it, and how it writes the path of a training. The kind
 * `production` archives for real, `sandbox` is for trying out; the counterpart is of the other kind. `production` and
 * `sandbox` are the current hosts. `yandex` and `yandex-sandbox` are the hosts and the path of the 2021 document
 * "Archive a training pool"; Toloka announced that it would switch those hosts off in July 2023.
 *
 * @see toloka-kit src/client/__init__.py at e5e0450d (current hosts, links for people)
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca (current hosts, plural path)
 */
export const ENVIRONMENTS = {
  production: {
    kind: 'production',
    counterpart: 'sandbox',
    apiUrl: 'https://toloka.dev/api',
    platformUrl: 'https://platform.toloka.ai',
    trainingPath: 'trainings',
  },
  sandbox: {
    kind: 'sandbox',
    counterpart: 'production',
    apiUrl: 'https://sandbox.toloka.dev/api',
    platformUrl: 'https://platform.sandbox.toloka.ai',
    trainingPath: 'trainings',
  },
  yandex: {
    kind: 'production',
    counterpart: 'yandex-sandbox',
    apiUrl: 'https://toloka.yandex.com/api',
    platformUrl: 'https://toloka.yandex.com',
    trainingPath: 'training',
  },
  'yandex-sandbox': {
    kind: 'sandbox',
    counterpart: 'yandex',
    apiUrl: 'https://sandbox.toloka.yandex.com/api',
    platformUrl: 'https://sandbox.toloka.yandex.com',
    trainingPath: 'training',
  },
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENTS;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');
/** RFC 1918 and RFC 4193. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/**
 * Where an API is: at a host of Toloka's, on this machine, at an address of a private network, or somewhere else. Other
 * names are not looked up. What is no URL is somewhere else too.
 */
export function hostKind(apiUrl: string): 'production' | 'sandbox' | 'loopback' | 'private' | 'other' {
  if (!URL.canParse(apiUrl)) return 'other';
  const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$|\.$/g, '');
  const host = hostOf(apiUrl);
  const known = Object.values(ENVIRONMENTS).find((one) => hostOf(one.apiUrl) === host);
  if (known) return known.kind;
  if (/^(.+\.)?localhost$/.test(host)) return 'loopback';
  const version = isIP(host);
  if (version === 0) return 'other';
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (LOOPBACK.check(host, family)) return 'loopback';
  return PRIVATE.check(host, family) ? 'private' : 'other';
}

/** What is wrong with the base URL of an API to which a token is sent, in words; undefined when nothing is. */
export function urlProblem(text: string): string | undefined {
  const { href, origin, pathname, protocol } = new URL(text);
  if (href !== origin + pathname) return 'must have no user, password, query or fragment';
  if (protocol === 'https:' || ['loopback', 'private'].includes(hostKind(text))) return undefined;
  return 'must begin with https://, because the token would travel in clear text';
}

/** The token without a scheme and without the white space around it: this is the secret that must not leak. */
export const bareToken = (token: string): string => token.trim().replace(/^(?:oauth|apikey)(?:\s+|$)/i, '');

/**
 * The value of the `Authorization` header. A token with exactly two dots, the first of them at index 22 to 24, is an
 * API key and goes out as `ApiKey`; every other token goes out as `OAuth`. A scheme that was pasted together with the
 * token is dropped first, in capital or small letters.
 *
 * @throws TolokaError (`invalid_input`)
 * @see toloka-kit src/client/__init__.py at e5e0450d, lines 338-347
 */
export function authorizationHeader(token: string): string {
  const bare = bareToken(token);
  // Nothing that JSON would write in another way: it is recognized, and removed, in JSON too.
  if (!/^[\w.~+/=-]+$/.test(bare)) {
    const detail =
      'The token must be one word of letters, digits and . _ ~ + / = -. Copy it again from your Toloka profile.';
    throw new TolokaError('invalid_input', { sent: 'no', detail });
  }
  const firstDot = bare.indexOf('.');
  const isApiKey = bare.split('.').length === 3 && firstDot >= 22 && firstDot <= 24;
  return `${isApiKey ? 'ApiKey' : 'OAuth'} ${bare}`;
}
