/**
 * `npm run pictures`: takes the README's pictures of the demo page, with the built app. Needs Chromium and an emoji font
 * (Debian: fonts-noto-color-emoji).
 */
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { BOB, GENERAL } from '../support/harness';
import type { Page } from './browser';
import { archive, ask, button, card, dialog, say, until } from './hands';
import { createScene, type Scene, type View } from './scene';

const IMAGES = join(__dirname, '..', '..', 'docs', 'images');
const { ready, poolOpen, slow } = DEMO_TRAININGS;
const REASON = 'Spring and summer are labelled. Nobody needs this training any more.';

/** Readable in the column of a README, and sharp on a dense screen. */
const WIDE: View = { width: 1000, height: 660, scale: 1.28 };

/** Whether an emoji has colours, as text because the page's types are not known here. Without a font it is a black box. */
const HAS_EMOJI = `(() => {
  const canvas = document.createElement('canvas').getContext('2d');
  canvas.fillText('📦', 0, 20);
  const { data } = canvas.getImageData(0, 0, 30, 30);
  return data.some((red, at) => at % 4 === 0 && red !== data[at + 1]);
})()`;

async function shoot(page: Page, name: string): Promise<void> {
  // An element under the pointer would look different.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: 'disabled', caret: 'hide' });
}

const talk = ({ fakes }: Scene) =>
  fakes.workspace.person(BOB).say('Street signs are done. Can we archive training 1?', { channel: GENERAL });

async function theEnd(page: Page): Promise<void> {
  await archive(page, ready.id, REASON);
  await until(page, 'Archived');
  await button(page, 'Close').last().click();
  await card(page).getByText('2 replies').click();
  await page.locator('#replies').getByText('the training is archived').waitFor();
}

const PICTURES: Record<string, { view: View; show: (page: Page, scene: Scene) => Promise<void> }> = {
  plan: { view: { ...WIDE, height: 836 }, show: (page) => ask(page, ready.id) },
  blocked: {
    view: { ...WIDE, height: 640 },
    async show(page) {
      await say(page, `/toloka-archive ${poolOpen.id}`);
      await dialog(page).getByText('not archived').first().waitFor();
    },
  },
  card: { view: WIDE, show: theEnd },
  unknown: {
    view: { ...WIDE, height: 640 },
    async show(page, { fakes: { account } }) {
      account.faults.add({ method: 'POST', fault: { kind: 'lost' } });
      account.faults.add({
        ...{ method: 'GET', path: '/operations', times: Number.POSITIVE_INFINITY },
        fault: { kind: 'status', status: 503 },
      });
      await archive(page, ready.id, REASON);
      await until(page, 'Outcome unknown');
      await button(page, 'Close').last().click();
      await card(page).getByText(/repl/).click();
      await page.locator('#replies').getByText('unknown').waitFor();
    },
  },
  dark: {
    view: { width: 1280, height: 800, dark: true },
    async show(page) {
      await theEnd(page);
      await button(page, 'Close the thread').click();
      await archive(page, slow.id, 'All of Europe is labelled.');
      await until(page, 'Toloka is archiving');
      await button(page, 'Close').last().click();
      await card(page)
        .last()
        .getByText(/[2-9]\d %/)
        .waitFor({ timeout: 60_000 });
    },
  },
  narrow: { view: { width: 390, height: 844, scale: 2 }, show: (page) => ask(page, ready.id) },
};

async function main(only: string[]): Promise<void> {
  for (const [name, { view, show }] of Object.entries(PICTURES)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const scene = await createScene({ account: { operationMs: 4_200 } });
    try {
      talk(scene);
      const page = await scene.open(view);
      if (!(await page.evaluate(HAS_EMOJI)))
        throw new Error('There is no emoji font. Install one, such as fonts-noto-color-emoji.');
      await show(page, scene);
      await shoot(page, name);
      if (scene.problems.length > 0) throw new Error(scene.problems.join('\n'));
    } finally {
      await scene.close();
    }
    process.stdout.write(`docs/images/${name}.png\n`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
