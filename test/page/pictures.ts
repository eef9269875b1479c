/**
 * `npm run pictures`: takes the README's pictures of the demo page, with the built app. Needs Chromium and an emoji font
 * (Debian: fonts-noto-color-emoji).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_TRAININGS } from '../../fakes/toloka';
import { ALICE, BOB, GENERAL } from '../support/harness';
import { launch, type Page } from './browser';
import { archive, ask, button, card, confirm, dialog, inDialog, say, until } from './hands';
import { createScene, type Scene, type View } from './scene';

const IMAGES = join(__dirname, '..', '..', 'docs', 'images');
const { ready, poolOpen, slow } = DEMO_TRAININGS;
const CHANNELS = [{ id: GENERAL, name: 'training-ops', members: [ALICE, BOB], bot: true }];
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
  await card(page).getByText(/repl/).click();
  await page.locator('#replies').getByText('the training is archived').waitFor();
}

/** More trainings that are ready. */
function closeSome({ fakes: { account } }: Scene): string[] {
  const names = ['Shop signs, spring', 'Shop signs, summer', 'Bus stops'];
  for (const [i, private_name] of names.entries())
    account.addTraining({ id: String(234_561 + i), project_id: '74175', status: 'CLOSED', private_name });
  return [ready.id, ...names.map((_, i) => String(234_561 + i))];
}

interface Picture {
  view: View;
  env?: Record<string, string>;
  show: (page: Page, scene: Scene) => Promise<void>;
}

const PICTURES: Record<string, Picture> = {
  plan: { view: { ...WIDE, height: 836 }, show: (page) => ask(page, ready.id) },
  blocked: {
    view: { ...WIDE, height: 640 },
    async show(page) {
      await say(page, `/toloka-archive ${poolOpen.id}`);
      await inDialog(page, 'not archived');
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
      await card(page)
        .last()
        .getByText(/[2-9]\d %/)
        .waitFor({ timeout: 60_000 });
    },
  },
  several: {
    view: { ...WIDE, height: 836 },
    async show(page, scene) {
      const ids = closeSome(scene);
      await say(page, `/toloka-archive ${ids.join(' ')} ${poolOpen.id}`);
      await inDialog(page, 'can be archived');
    },
  },
  batch: {
    view: { ...WIDE, height: 640 },
    async show(page, scene) {
      const ids = closeSome(scene);
      const conflict = { kind: 'status', status: 409, code: 'CONFLICT_STATE' } as const;
      scene.fakes.account.faults.add({ method: 'POST', trainingId: ids[1] ?? '', fault: conflict });
      await say(page, `/toloka-archive ${ids.join(' ')}`);
      await inDialog(page, 'can be archived');
      await page.getByLabel('Reason').fill(REASON);
      await page.getByLabel('Type the number of trainings to confirm').fill(String(ids.length));
      await button(page, `Archive ${ids.length}`).click();
      await until(page, `${ids.length - 1} archived, 1 failed`);
    },
  },
  approval: {
    view: { ...WIDE, height: 560 },
    env: { APPROVALS_PRODUCTION: '1', APPROVE_ALLOW: BOB },
    async show(page) {
      await ask(page, ready.id);
      await confirm(page, ready.id, REASON);
      await until(page, 'Waiting for approval');
    },
  },
  picker: {
    view: { ...WIDE, height: 640 },
    async show(page, scene) {
      closeSome(scene);
      await say(page, '/toloka-archive');
      const search = dialog(page).getByRole('combobox').first();
      await search.fill('street');
      await dialog(page).getByRole('option').first().waitFor();
    },
  },
  home: {
    view: { ...WIDE, height: 720 },
    async show(page) {
      await theEnd(page);
      await archive(page, slow.id, 'All of Europe is labelled.');
      await page.locator('#sidebar [data-go="home"]').click();
      await page.getByText('Your recent requests').waitFor();
    },
  },
  narrow: { view: { width: 390, height: 844, scale: 2 }, show: (page) => ask(page, ready.id) },
};

async function main(only: string[]): Promise<void> {
  for (const [name, { view, env = {}, show }] of Object.entries(PICTURES)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const scene = await createScene({
      account: { operationMs: 4_200 },
      workspace: { channels: CHANNELS },
      env,
    });
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
  if (only.length === 0 || only.includes('overview')) await sideBySide('overview', ['plan', 'card']);
}

/** One picture of two others, for the first screen of the README. */
async function sideBySide(name: string, parts: readonly string[]): Promise<void> {
  const images = parts.map((part) => {
    const data = readFileSync(join(IMAGES, `${part}.png`)).toString('base64');
    return `<img src="data:image/png;base64,${data}">`;
  });
  const style =
    'body{margin:0;padding:24px;display:flex;align-items:center;gap:24px;background:#22313f}img{flex:1;min-width:0;border-radius:10px}';
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1600, height: 100 } });
    const page = await context.newPage();
    await page.setContent(`<!doctype html><style>${style}</style>${images.join('')}`);
    await page.screenshot({ path: join(IMAGES, `${name}.png`), fullPage: true });
  } finally {
    await browser.close();
  }
  process.stdout.write(`docs/images/${name}.png\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
