/** The page with an app that shows one of each thing that Block Kit has for people. */
import { startPage } from '../../demo/page';
import type { WorkspaceOptions } from '../../fakes/slack';
import { createTolokaAccount, seedDemo } from '../../fakes/toloka';
import { startWidgetApp, type WidgetApp } from '../support/widget-app';
import type { Browser } from './browser';
import { createWindows } from './scene';

export interface Widgets extends WidgetApp {
  windows: ReturnType<typeof createWindows>;
  close(): Promise<void>;
}

/** Close it before the app and its workspace. */
export async function createWidgets(
  browser: Browser,
  options: Partial<WorkspaceOptions> = {},
): Promise<Widgets> {
  const app = await startWidgetApp(options);
  const account = await createTolokaAccount({ token: 'widgets', seed: seedDemo });
  const page = await startPage({ workspace: app.workspace, account });
  const windows = createWindows(browser, page.url);
  return Object.assign(app, {
    windows,
    async close() {
      await windows.close();
      await page.close();
      await account.close();
    },
  });
}
