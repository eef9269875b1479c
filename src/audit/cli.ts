import { type JournalAudit, openAudit } from '../journal/open-audit';
import { type Command, HELP, parseCommand } from './command-line';
import { exportRecords } from './export';
import { list } from './list';
import { type ExitCode, type Io, journalPlace, reporting, runAsProcess } from './program';
import { show } from './show';
import { verify } from './verify';

/** `npm run audit`: reads the journal, writes nothing. @see docs/audit.md */
export function runAudit(args: readonly string[], io: Io): Promise<ExitCode> {
  return reporting(io, async () => {
    const command = parseCommand(args);
    if (command.name === 'help') {
      await io.out(HELP);
      return 0;
    }
    const audit = await openAudit(journalPlace(io));
    try {
      return await run(command, audit, io);
    } finally {
      await audit.close();
    }
  });
}

function run(command: Exclude<Command, { name: 'help' }>, audit: JournalAudit, io: Io): Promise<ExitCode> {
  switch (command.name) {
    case 'list':
      return list(audit, io, command);
    case 'show':
      return show(audit, io, command);
    case 'export':
      return exportRecords(audit, io, command);
    case 'verify':
      return verify(audit, io, command);
  }
}

if (require.main === module) runAsProcess(runAudit);
