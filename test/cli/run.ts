import { runAudit } from '../../src/cli/audit';
import { runJournal } from '../../src/cli/journal';

/** Runs a program in this process and gathers what it says. */
async function run(
  program: typeof runAudit,
  where: { path: string; databaseUrl?: string },
  args: string[],
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await program(args, {
    env: { JOURNAL_PATH: where.path, DATABASE_URL: where.databaseUrl },
    out: async (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

type Place = { where: { path: string; databaseUrl?: string } };
export const audit = ({ where }: Place, ...args: string[]) => run(runAudit, where, args);
export const journalProgram = ({ where }: Place, ...args: string[]) => run(runJournal, where, args);
