/** Every HTTP exchange, as the account saw it. Never the token: no header is kept but the two named here. */
export interface Exchange {
  n: number;
  at: number;
  method: string;
  path: string;
  query: string;
  /** `pending` until it is over; `lost` when the client never got a whole answer. */
  status: number | 'pending' | 'lost';
  ms?: number;
  trainingId?: string;
  operationId?: string;
  userAgent?: string;
  /** The name in the address that was called; see `urlFor`. */
  caller?: string;
  /** `X-Correlation-Id` or `X-Request-Id`, which Toloka itself does not know (fact sheet 1). */
  correlationId?: string;
  /** The rule that spoilt it. */
  fault?: string;
}

export interface Posts {
  /** Archive POSTs that arrived for this training, whatever became of them. */
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

/** Keeps about the last `limit` exchanges; the counts of POSTs are of all of them. */
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
      // In one go now and then: to drop one at a time moves the whole list each time.
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
