import type { Actor } from '../archive/service';
import { denialText } from '../messages/denials';
import { checkReply, historyReply, listReply, type Reply, reply, rightsText } from '../messages/lists';
import { helpText } from '../messages/notices';
import type { ParsedCommand } from './command-text';
import type { HandlerDeps } from './deps';

type Query = Extract<ParsedCommand, { kind: 'help' | 'list' } | { kind: 'status' | 'history' | 'check' }>;

/** The reply to a command that only reads. */
export async function answerQuery(deps: HandlerDeps, actor: Actor, query: Query): Promise<Reply> {
  const { service, denialContext, resolveEnvironment, admins } = deps;
  const { lists } = service;
  switch (query.kind) {
    case 'help': {
      const rights = await lists.rightsOf(actor, 'here');
      const whom =
        admins.length === 0 ? 'the person who runs this app' : admins.map((id) => `<@${id}>`).join(', ');
      const lines = [
        helpText(rights),
        rightsText(rights, resolveEnvironment(null)),
        `Questions? Ask ${whom}.`,
      ];
      return reply(lines.join('\n'));
    }
    case 'list':
      return listReply(await lists.overview(actor));
    default: {
      const target = { trainingId: query.trainingId, environment: resolveEnvironment(query.environment) };
      if (query.kind === 'check') {
        const checked = await lists.check(actor, target);
        if (checked === undefined) return reply(`:no_entry: ${denialText('environment_not_set', target)}`);
        return 'kind' in checked
          ? reply(`:no_entry: ${denialText(checked.code, denialContext)}`)
          : checkReply(checked);
      }
      const found = await lists.history(actor, target);
      if ('kind' in found) return reply(`:no_entry: ${denialText(found.code, denialContext)}`);
      return historyReply(target, query.kind === 'status' ? found.slice(0, 1) : found);
    }
  }
}
