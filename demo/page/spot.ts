/** Where a person is on the page. The client keeps it in the page's address and sends it with each connection. */
export interface Spot {
  user: string;
  /** A channel's ID, `app` for the DM with the app, `home` for its Home tab. */
  at: string;
  /** The message whose thread is open. */
  thread: string | undefined;
}

/** The app's DM with a person, as the workspace names it. */
export const dmOf = (user: string): string => `D${user.slice(1)}`;

/** Whether the person is at the app itself, which has tabs. */
export const isApp = ({ at }: Spot): boolean => at === 'app' || at === 'home';

export const channelAt = ({ at, user }: Spot): string => (at === 'app' ? dmOf(user) : at);
