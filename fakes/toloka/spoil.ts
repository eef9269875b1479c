import { type Fault, takesEffect } from './faults';
import { refusalAnswer } from './refusal';
import type { Reply } from './reply';
import type { Answer } from './types';

export interface SpoilContext {
  /** Does what the request asks for. */
  run(): Answer;
  reply: Reply;
  /** Real time, not the account's clock: the client waits in real time too. */
  wait(ms: number, then: () => void): void;
  newId(): string;
}

/** Lets one fault happen to one request. */
export function spoil(fault: Fault, { run, reply, wait, newId }: SpoilContext): void {
  const effect = takesEffect(fault);
  const runFirst = () => (effect ? run() : undefined);

  switch (fault.kind) {
    case 'status': {
      runFirst();
      const usual = refusalAnswer(fault.status, fault, newId());
      reply.send(fault.body === undefined ? usual : { ...usual, body: fault.body });
      return;
    }
    case 'html':
      runFirst();
      reply.send({
        status: fault.status,
        headers: { 'content-type': 'text/html' },
        body: `<html><head><title>${fault.status}</title></head><body><center>nginx</center></body></html>\n`,
      });
      return;
    case 'empty':
      runFirst();
      reply.send({ status: fault.status });
      return;
    case 'redirect':
      runFirst();
      reply.send({ status: fault.status ?? 302, headers: { location: fault.location } });
      return;
    case 'truncated':
      reply.truncate(runFirst() ?? { status: 200 });
      return;
    case 'slow': {
      const answer = runFirst();
      wait(fault.ms, () => {
        if (answer) reply.send(answer);
        else if (!reply.gone) reply.send(run());
      });
      return;
    }
    case 'late':
      wait(fault.ms, () => {
        const answer = runFirst();
        if (answer) reply.send(answer);
        else reply.reset();
      });
      return;
    case 'silent':
      runFirst();
      return;
    case 'lost':
    case 'reset':
      runFirst();
      reply.reset();
  }
}
