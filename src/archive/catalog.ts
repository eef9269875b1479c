import type { Training } from './plan';
import type { Deps, Environment } from './ports';

/** A training that can be chosen. */
export interface Choice {
  trainingId: string;
  name: string;
  /** The project by name, or by ID while the name is not known. */
  project: string;
}

/** What a search found, newest first. */
export interface Found {
  choices: Choice[];
  /** How many match in all; null when that is not known, because there are more trainings than were read. */
  matches: number | null;
}

/** How long a listing of an account may be used, in ms. */
const FRESH_MS = 30_000;
/** From this age on, in ms, it is read again in the background. */
const RENEW_MS = 15_000;
/** How long names of projects are kept, in ms. They rarely change. */
const NAMES_MS = 10 * 60_000;
/** How long a search waits for the names of projects, and for a training by its ID, in ms. */
const NAMES_PATIENCE_MS = 700;
const ID_PATIENCE_MS = 1_500;
const NAMES_AT_ONCE = 20;

interface Listing {
  at: number;
  trainings: Training[];
  more: boolean;
}

/**
 * The closed trainings of each account, to choose from. Searched on each key that a person presses, so a listing is
 * kept for up to half a minute. What is chosen is read again for its plan.
 */
export function createCatalog({ environments, clock, logger }: Deps) {
  const listings = new Map<string, Listing>();
  const reading = new Map<string, Promise<Listing | undefined>>();
  const names = new Map<string, { at: number; name: string }>();

  /** One reading serves all who wait for it. */
  function read({ name, toloka }: Environment): Promise<Listing | undefined> {
    const running = reading.get(name) ?? list();
    reading.set(name, running);
    return running;
    async function list(): Promise<Listing | undefined> {
      try {
        const at = clock.now();
        const found = await toloka.listClosed();
        if (found.kind !== 'found') {
          logger.warn('trainings not listed', { environment: name, why: found });
          return undefined;
        }
        const listing = { at, ...found.value };
        listings.set(name, listing);
        return listing;
      } finally {
        reading.delete(name);
      }
    }
  }

  async function listingOf(environment: Environment): Promise<Listing | undefined> {
    const known = listings.get(environment.name);
    const age = known ? clock.now() - known.at : Number.POSITIVE_INFINITY;
    if (known && age >= 0 && age < FRESH_MS) {
      if (age > RENEW_MS) void read(environment);
      return known;
    }
    return read(environment);
  }

  /** An older training than those in the listing, by its ID. */
  async function readOne({ toloka }: Environment, id: string): Promise<Training[]> {
    const found = await toloka.readTraining(id, AbortSignal.timeout(ID_PATIENCE_MS));
    return found.kind === 'found' && found.value.status === 'CLOSED' ? [found.value] : [];
  }

  async function nameProjects(environment: Environment, trainings: readonly Training[]): Promise<void> {
    const isKnown = (id: string) => clock.now() - (names.get(key(environment, id))?.at ?? 0) < NAMES_MS;
    const ids = [...new Set(trainings.map(({ projectId }) => projectId))].filter((id) => !isKnown(id));
    const signal = AbortSignal.timeout(NAMES_PATIENCE_MS);
    const readName = async (id: string) => {
      const project = await environment.toloka.readProject(id, signal);
      if (project.kind === 'found')
        names.set(key(environment, id), { at: clock.now(), name: project.value.name });
    };
    await Promise.all(ids.slice(0, NAMES_AT_ONCE).map(readName));
  }

  const key = ({ name }: Environment, projectId: string) => `${name} ${projectId}`;

  return {
    /** Reads the listing ahead of the first search. */
    warmUp(name: string): void {
      const environment = environments.get(name);
      if (environment) void listingOf(environment);
    },

    /**
     * Searches by name or ID. Undefined when Toloka did not answer.
     * @param most the number of choices that can be shown
     */
    async find(name: string, query: string, most: number): Promise<Found | undefined> {
      const environment = environments.get(name);
      const listing = environment && (await listingOf(environment));
      if (environment === undefined || listing === undefined) return undefined;
      const words = query.trim().toLowerCase();
      const hit = ({ id, name: title }: Training) =>
        id.startsWith(words) || title.toLowerCase().includes(words);
      let hits = listing.trainings.filter(hit);
      const isId = /^[1-9]\d{0,18}$/.test(words);
      if (listing.more && isId && !hits.some(({ id }) => id === words))
        hits = [...(await readOne(environment, words)), ...hits];
      const shown = hits.slice(0, most);
      await nameProjects(environment, shown);
      const choices = shown.map(({ id, name: title, projectId }) => ({
        ...{ trainingId: id, name: title },
        project: names.get(key(environment, projectId))?.name || projectId,
      }));
      return { choices, matches: listing.more ? null : hits.length };
    },
  };
}

export type Catalog = ReturnType<typeof createCatalog>;
