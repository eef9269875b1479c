import type { Workspace } from '../../fakes/slack';
import type { Absence } from './evidence';

/** Who may archive, or approve, by now: the members of one user group, which changes while people work. */
export interface Rights {
  /** Nothing for somebody who does not have it. */
  takeFrom(user: string): void;
  /** Nothing for somebody who has it. */
  giveBack(user: string): void;
  absences(): Absence[];
}

export function createRights(workspace: Workspace, group: string, people: readonly string[]): Rights {
  const members = new Set(people);
  const absences: Absence[] = [];
  const write = () => workspace.setUserGroup(group, [...members]);
  return {
    takeFrom(user) {
      if (!members.delete(user)) return;
      write();
      absences.push({ user, from: Date.now(), until: Number.POSITIVE_INFINITY });
    },
    giveBack(user) {
      const open = absences.find((one) => one.user === user && one.until === Number.POSITIVE_INFINITY);
      if (!open) return;
      open.until = Date.now();
      members.add(user);
      write();
    },
    absences: () => absences,
  };
}
