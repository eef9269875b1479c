import { createDriver } from './driver';
import { createBenchFakes, preciseNow } from './fakes';
import { startNode } from './processes';
import { APP } from './programs';
import { alone, type Part } from './row';
import { median } from './stats';

/** How long Slack and Toloka take to answer each call, in ms. */
const CALL_MS = 200;
/** How long Toloka takes to archive, in ms: each time a little longer, so that the ends fall anywhere between two polls. */
const OPERATION_MS = 3_000;
const LONGER_MS = 50;
/** What the app itself may need, in round trips. */
const OWN = 0.2;

export const roundTrips: Part = {
  title: 'Round trips that a person waits for',
  how: `The built app in a process of its own over Socket Mode. Slack and Toloka do what a call asks as soon as it arrives, and answer after ${CALL_MS} ms. A round trip is the time divided by ${CALL_MS} ms, so what the app itself needs is in the figures too. "Plan seen" is ${CALL_MS} ms after the update of the modal arrived. "Person told" is the acknowledgement that closes the modal, with the card in the channel. Toloka takes ${OPERATION_MS / 1000} s and a little more each time to archive; its end is noticed by polling.`,
  async run({ quick }) {
    const fakes = await createBenchFakes({ operationMs: OPERATION_MS });
    const { workspace, account } = fakes;
    const app = startNode([APP], fakes.env({ TOLOKA_REQUESTS_PER_SECOND: '100000' }));
    try {
      await app.said('"ready"');
      await workspace.waitFor(() => workspace.socket.connections().length === 1);
      workspace.faults.add({ kind: 'slow', ms: CALL_MS, times: Number.POSITIVE_INFINITY });
      account.faults.add({ times: Number.POSITIVE_INFINITY, fault: { kind: 'slow', ms: CALL_MS } });
      const finals: number[] = [];
      let ended = Number.NaN;
      workspace.on('call', ({ method, args, at }) => {
        if (method !== 'chat.update' || !String(args['text']).startsWith('Archived')) return;
        finals.push(at + CALL_MS - ended);
      });
      let operationMs = OPERATION_MS;
      const newTraining = () => {
        const id = fakes.newTraining();
        account.updateTraining(id, { operationMs });
        return id;
      };
      const driver = createDriver({ ...fakes, newTraining });
      const steps: Awaited<ReturnType<typeof driver.archive>>[] = [];
      for (let n = 0; n < (quick ? 2 : 15); n++) {
        const done = finals.length;
        steps.push(await driver.archive(fakes.people[n] ?? ''));
        ended = preciseNow() + operationMs;
        operationMs += LONGER_MS;
        await workspace.waitFor(() => finals.length > done, { timeoutMs: 20_000 });
      }
      const trips = (ms: number[]) => median(ms) / CALL_MS;
      return {
        rows: [
          alone('command to plan seen', '', trips(steps.map(({ plan }) => plan + CALL_MS)), 3 + OWN),
          alone('submit to archive call', '', trips(steps.map(({ post }) => post)), 2 + OWN),
          alone('submit to person told', '', trips(steps.map(({ closed }) => closed)), 2 + OWN),
          alone('end in Toloka to card', '', trips(finals)),
        ],
        notes: [`The aims are 3, 2 and 2 round trips, and ${OWN} for the app itself.`],
      };
    } finally {
      await app.kill();
      await fakes.close();
    }
  },
};
