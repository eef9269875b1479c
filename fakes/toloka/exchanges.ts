/** Every HTTP exchange as the account saw it. Never with the token: only the two headers named here are kept. */
export interface Exchange {
  n: number;
  at: number;
  method: string;
  path: string;
  query: string;
  /** `pending` until it is over; `lost` if the client did not get a whole answer. */
  status: number | 'pending' | 'lost';
  ms?: number;
  trainingId?: string;
  operationId?: string;
  userAgent?: string;
  /** The name in the address that was called; see `urlFor`. */
  caller?: string;
  /** `X-Correlation-Id` or `X-Request-Id`. No document of Toloka mentions them. */
  correlationId?: string;
  /** The fault rule that hit it. */
  fault?: string;
}

export interface Posts {
  /** Archive POSTs that arrived for this training, with or without an effect. */
  arrived: number;
  /** Those that started an archive. */
  effective: number;
}

export interface ExchangeLog {
  readonly exchanges: readonly Exchange[];
  arrive(exchange: Omit<Exchange, 'n' | 'status'>): Exchange;
  posts(trainingId: string): Posts;
  countArrival(trainingId: string): void;
  countEffect(trainingId: string): void;
  clear(): void;
}

/** Keeps about the last `limit` exchanges. The counts of POSTs include the dropped ones. */
export function createExchangeLog(limit: number): ExchangeLog {
  const exchanges: Exchange[] = [];
  const counts = new Map<string, Posts>();
  let last = 0;

  const countsOf = (trainingId: string): Posts => {
    let found = counts.get(trainingId);
    if (!found) {
      found = { arrived: 0, effective: 0 };
      counts.set(trainingId, found);
    }
    return found;
  };

  return {
    exchanges,
    arrive(exchange) {
      const entry: Exchange = { n: ++last, status: 'pending', ...exchange };
      exchanges.push(entry);
      // Drops many at once: to drop one at a time would move the whole list each time.
      if (exchanges.length > limit * 1.1 + 100) exchanges.splice(0, exchanges.length - limit);
      return entry;
    },
    posts: (trainingId) => ({ ...(counts.get(trainingId) ?? { arrived: 0, effective: 0 }) }),
    countArrival(trainingId) {
      countsOf(trainingId).arrived++;
    },
    countEffect(trainingId) {
      countsOf(trainingId).effective++;
    },
    clear() {
      exchanges.length = 0;
      counts.clear();
      last = 0;
    },
  };
}
