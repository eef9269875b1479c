/** The app's Home tab at the prompt: shows it, and presses its buttons. Its menus and inputs are on the page only. */
import type { OpenView } from '../fakes/slack';
import { asIs } from './mrkdwn-ansi';
import { changed, choose, operateModal, type PromptContext, stamp } from './screen';

/** An app may leave its Home tab as it is. */
const PUBLISH_MS = 2_000;
const LEAVE = 'Leave';

interface Button {
  /** Its text, with a number if there are several with the same. */
  name: string;
  action: string;
  block: string;
  confirm: { confirm: string; deny: string; text: string } | undefined;
}

function buttonsOf({ blocks }: Readonly<OpenView>): Button[] {
  const seen = new Map<string, number>();
  return blocks.flatMap(({ elements = [], accessory, block_id = '' }) =>
    [...elements, ...(accessory ? [accessory] : [])]
      .filter(({ type }) => type === 'button')
      .map(({ text, action_id = '', confirm }) => {
        const words = typeof text === 'object' ? text.text : (text ?? '');
        const count = (seen.get(words) ?? 0) + 1;
        seen.set(words, count);
        const name = count === 1 ? words : `${words} ${count}`;
        const asks = confirm && {
          ...{ confirm: confirm.confirm?.text ?? 'Yes', deny: confirm.deny?.text ?? 'Cancel' },
          text: confirm.text.text,
        };
        return { name, action: action_id, block: block_id, confirm: asks };
      }),
  );
}

/** Opens the Home tab and lets the person press its buttons, until they leave it. */
export async function operateHome(context: PromptContext, user: string): Promise<void> {
  const { demo, terminal } = context;
  const { workspace } = demo;
  const person = workspace.person(user);
  const shown = () => `${stamp(demo, user)} ${workspace.home(user)?.updates}`;
  const answered = (before: string) =>
    workspace.waitFor(() => shown() !== before, { timeoutMs: PUBLISH_MS }).catch(() => undefined);
  const first = shown();
  await person.openHome();
  await answered(first);
  for (;;) {
    const view = workspace.home(user);
    if (!view) return terminal.say('  The app has published no Home tab.');
    terminal.screen(`${person.name}’s Home tab`, workspace.renderText(view, asIs));
    if (Object.keys(view.values).length > 0) terminal.say('  Its menus and inputs work on the page only.');
    const buttons = buttonsOf(view);
    if (buttons.length === 0) return;
    const chosen = await choose(context, [...buttons.map(({ name }) => name), LEAVE], LEAVE);
    const button = buttons.find(({ name }) => name === chosen);
    if (!button) return;
    if (button.confirm && !(await isSure(context, button.confirm))) continue;
    const [before, modal] = [shown(), stamp(demo, user)];
    await person.click(button.action, { view: 'home', block: button.block });
    await answered(before);
    if (!workspace.modalOf(user)) continue;
    await changed(demo, user, modal);
    await operateModal(context, user);
  }
}

async function isSure(context: PromptContext, { confirm, deny, text }: NonNullable<Button['confirm']>) {
  context.terminal.say(`  ${context.demo.workspace.renderText({ text })}`);
  return (await choose(context, [confirm, deny], deny)) === confirm;
}
