/** How the path of a training is spelled: `trainings` since 2022, `training` in older documents. */
export type TrainingPath = 'trainings' | 'training';

/** One Toloka: where its API is, where people look at it, and how it spells the path of a training. */
export interface TolokaEnvironment {
  /** What an archive there costs: `production` is real, `sandbox` is for trying out. */
  kind: 'production' | 'sandbox';
  /** Without `/v1` and without a trailing slash. */
  apiUrl: string;
  platformUrl: string;
  trainingPath: TrainingPath;
}

/**
 * The environments by name. `production` and `sandbox` are the current hosts. `yandex` and `yandex-sandbox` are
 * exactly the hosts and the spelling of the 2021 document "Archive a training pool"; Toloka announced that it would
 * switch those hosts off in July 2023.
 *
 * @see toloka-kit src/client/__init__.py at e5e0450d (current hosts, links for people)
 * @see Toloka/docs en/api/reference/fullApi.yaml at c28c2aca (current hosts, plural path)
 */
export const ENVIRONMENTS = {
  production: {
    kind: 'production',
    apiUrl: 'https://toloka.dev/api',
    platformUrl: 'https://platform.toloka.ai',
    trainingPath: 'trainings',
  },
  sandbox: {
    kind: 'sandbox',
    apiUrl: 'https://sandbox.toloka.dev/api',
    platformUrl: 'https://platform.sandbox.toloka.ai',
    trainingPath: 'trainings',
  },
  yandex: {
    kind: 'production',
    apiUrl: 'https://toloka.yandex.com/api',
    platformUrl: 'https://toloka.yandex.com',
    trainingPath: 'training',
  },
  'yandex-sandbox': {
    kind: 'sandbox',
    apiUrl: 'https://sandbox.toloka.yandex.com/api',
    platformUrl: 'https://sandbox.toloka.yandex.com',
    trainingPath: 'training',
  },
} as const satisfies Record<string, TolokaEnvironment>;

export type EnvironmentName = keyof typeof ENVIRONMENTS;

/**
 * The page of a training, for people.
 *
 * @see toloka-kit src/client/__init__.py at e5e0450d, lines 1998 and 2057
 */
export function trainingUrl(platformUrl: string, projectId: string, trainingId: string): string {
  return `${projectUrl(platformUrl, projectId)}/training/${encodeURIComponent(trainingId)}`;
}

/** The page of a pool, for people. */
export function poolUrl(platformUrl: string, projectId: string, poolId: string): string {
  return `${projectUrl(platformUrl, projectId)}/pool/${encodeURIComponent(poolId)}`;
}

function projectUrl(platformUrl: string, projectId: string): string {
  return `${platformUrl.replace(/\/+$/, '')}/requester/project/${encodeURIComponent(projectId)}`;
}
