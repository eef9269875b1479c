import { aboutOf, createTolokaAccount, DEMO_TRAININGS, linkedPools, seedDemo } from '../../fakes/toloka';

type Account = Awaited<ReturnType<typeof createTolokaAccount>>;
let account: Account;
beforeEach(async () => {
  account = await createTolokaAccount({ token: 'any', seed: seedDemo });
});
afterEach(() => account.close());

const said = (id: string) => {
  const training = account.getTraining(id);
  return training && aboutOf(account, training);
};
const setPools = (id: string, status: 'ARCHIVED' | 'OPEN') => {
  for (const { pool } of linkedPools(account, id)) account.updatePool(pool.id, { status });
};

describe('the descriptions of the trainings', () => {
  it.each(Object.values(DEMO_TRAININGS))('are shown at the start: $id', ({ id, about }) => {
    expect(said(id)).toBe(about);
  });

  it('follow the status of the training', () => {
    const { id, about } = DEMO_TRAININGS.ready;
    account.updateTraining(id, { status: 'ARCHIVED' });
    expect(said(id)).toBeUndefined();
    account.reset();
    expect(said(id)).toBe(about);
  });

  it.each([
    [DEMO_TRAININGS.poolOpen.id, 'ARCHIVED' as const],
    [DEMO_TRAININGS.ready.id, 'OPEN' as const],
    [DEMO_TRAININGS.projectLevel.id, 'ARCHIVED' as const],
  ])('follow the status of the pools: %s, %s', (id, status) => {
    setPools(id, status);
    expect(said(id)).toBeUndefined();
    for (const { id: other, about } of Object.values(DEMO_TRAININGS))
      if (other !== id) expect(said(other)).toBe(about);
  });
});
