export interface Called {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; `undefined` when it is empty or not JSON. Shape unknown: it is for looking at. */
  // biome-ignore lint/suspicious/noExplicitAny: whoever looks knows what was asked for
  body: any;
}

/** A client without manners: one request, no retry, no redirect. For tests, and for a hand on the demo. */
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
