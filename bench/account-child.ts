import { createTolokaAccount, requires } from '../fakes/toloka';

/** A Toloka account in its own process, with a project that has many pools. Three of them block the training. */
export const PLAN = { token: 'bench', project: '1', training: '2', page: '3' };
const BLOCKING = 3;
const PAGE = 300;

async function serve(pools: number): Promise<void> {
  const account = await createTolokaAccount({ token: PLAN.token, rateLimit: false });
  const { project, training, page } = PLAN;
  for (const id of [project, page]) account.addProject({ id, public_name: `Project ${id}` });
  account.addTraining({ id: training, project_id: project, status: 'CLOSED' });
  const pool = (project_id: string, status: 'CLOSED' | 'ARCHIVED') =>
    account.addPool({ project_id, status, quality_control: requires(training) });
  for (let n = 0; n < pools; n++) pool(project, n < BLOCKING ? 'CLOSED' : 'ARCHIVED');
  for (let n = 0; n < PAGE; n++) pool(page, 'CLOSED');
  process.stdout.write(`account ready ${account.url}\n`);
}

if (require.main === module) void serve(Number(process.argv[2]));
