import type { Workspace } from '../../fakes/slack';
import type { Evidence } from './evidence';

/** Who may archive by now: the members of one user group, which changes while people work. */
export interface Rights {
  takeFrom(user: string): void;
  /** Nothing for somebody who has it. */
  giveBack(user: string): void;
  absences(): Evidence['absences'];
}

export function createRights(workspace: Workspace, group: string, people: readonly string[]): Rights {
  const members = new Set(people);
  const absences: Evidence['absences'] = [];
  const write = () => workspace.setUserGroup(group, [...members]);
  return {
    takeFrom(user) {
      members.delete(user);
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
