export interface Called {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body, or `undefined` if it is empty or not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of what it asked for
  body: any;
}

/** The simplest client, for tests: one request, no retries, no redirects. */
export function createCaller(base: string, token: string) {
  return async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    extra: { headers?: Record<string, string>; timeoutMs?: number } = {},
  ): Promise<Called> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `OAuth ${token}`, ...extra.headers },
      redirect: 'manual',
      ...(extra.timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(extra.timeoutMs) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
