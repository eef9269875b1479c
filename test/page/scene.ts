import { readManifest } from '../../demo/manifest';
import { type Page as DemoPage, startPage } from '../../demo/page';
import { type AppProcess, startReadyApp } from '../support/app-process';
import { ALICE, createFakes, type Fakes, GENERAL } from '../support/harness';
import { type Browser, describeInBrowser, launch, type Page, watch } from './browser';

export interface View {
  user?: string;
  at?: string;
  width?: number;
  height?: number;
  dark?: boolean;
  scale?: number;
}

/** Opens windows of the page, and collects what the browser reports in them. */
export function createWindows(browser: Browser, url: string) {
  const problems: string[] = [];
  const opened: Page[] = [];
  return {
    problems,
    async open({
      user = ALICE,
      at = GENERAL,
      width = 1280,
      height = 800,
      dark = false,
      scale = 1,
    }: View = {}) {
      const context = await browser.newContext({
        ...{ viewport: { width, height }, deviceScaleFactor: scale, colorScheme: dark ? 'dark' : 'light' },
      });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      watch(page, url, problems);
      await page.goto(`${url}?user=${user}&at=${at}`);
      await page.locator('body[data-ready]').waitFor();
      opened.push(page);
      return page;
    },
    async close() {
      for (const page of opened) await page.context().close();
    },
  };
}

/** The built app between both fakes, the page, and a browser. */
export interface Scene {
  fakes: Fakes;
  app: AppProcess;
  demo: DemoPage;
  browser: Browser;
  problems: string[];
  /** Opens a window of a person. Resolves when it is drawn. */
  open(view?: View): Promise<Page>;
  close(): Promise<void>;
}

export async function createScene(
  { env = {}, ...options }: Parameters<typeof createFakes>[0] & { env?: Record<string, string> } = {},
  browser?: Browser,
): Promise<Scene> {
  const fakes = await createFakes({
    ...options,
    workspace: { ...readManifest(), ...options.workspace },
  });
  const app = await startReadyApp(fakes.env(env));
  const demo = await startPage({ workspace: fakes.workspace, account: fakes.account });
  const used = browser ?? (await launch());
  const windows = createWindows(used, demo.url);
  const scene: Scene = {
    ...{ fakes, app, demo, browser: used, problems: windows.problems, open: windows.open },
    async close() {
      await windows.close();
      if (!browser) await used.close();
      // A test may have replaced the page.
      await scene.demo.close();
      await app.kill();
      await fakes.close();
    },
  };
  return scene;
}

/** A suite with one browser and a new scene for each test. Fails when the browser reports a problem. */
export function describeScene(
  name: string,
  tests: (current: () => Scene) => void,
  env: Record<string, string> = {},
): void {
  describeInBrowser(name, () => {
    let browser: Browser;
    let scene: Scene;
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(() => browser.close());
    beforeEach(async () => {
      scene = await createScene({ env }, browser);
    });
    afterEach(async () => {
      await scene.close();
      expect(scene.problems).toEqual([]);
    });
    tests(() => scene);
  });
}
