/** The answer in the document that the product was asked for from. */
export const OPERATION = {
  id: '95029e60-eace-4a3e-96b9-c72c5e727218',
  type: 'TRAINING.ARCHIVE',
  status: 'SUCCESS',
  submitted: '2021-02-26T10:13:32.921',
  started: '2021-02-26T10:13:32.921',
  finished: '2021-02-26T10:13:32.921',
  progress: 100,
  parameters: { training_id: '123456' },
  details: {},
};

export const TRAINING = { id: '123456', project_id: '7', private_name: 'Cats', status: 'CLOSED' };
