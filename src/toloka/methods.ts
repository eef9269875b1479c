import type { z } from 'zod';
import { type AnswerContext, readBody, unreadable } from './answer';
import { readArchive } from './archive-answer';
import type { Call } from './call';
import type { TrainingPath } from './endpoints';
import type { Exchange } from './exchange';
import { readAllPages } from './paging';
import { operationsQuery, type Query, trainingsQuery } from './query';
import * as schemas from './schemas';
import { createReadTraining } from './spelling';
import type { CallOptions, TolokaClient } from './types';
import { TolokaUnreadableError } from './unreadable-error';

type Methods = Omit<TolokaClient, 'close'>;

/** The methods of the API, each in terms of the one `call`. */
export function createMethods(call: Call, trainingPath: TrainingPath): Methods {
  const readTraining = createReadTraining(trainingPath);
  const get = <T>(route: string, schema: z.ZodType<T>, id: string, options?: CallOptions) =>
    call({ method: 'GET', route, id, read: reader(schema) }, options);
  const getPage = <T>(route: string, item: z.ZodType<T>, query: Query, options?: CallOptions) =>
    call({ method: 'GET', route, query, read: reader(schemas.pageSchema(item)) }, options);

  const methods: Methods = {
    getTraining: (id, options) =>
      readTraining((path) => get(`${path}/{id}`, schemas.trainingSchema, id, options)),
    findTrainings: (query = {}, options) =>
      readTraining((path) => getPage(path, schemas.trainingSchema, trainingsQuery(query), options)),
    listTrainings: (filter = {}, options) =>
      readAllPages(
        (idGt) => methods.findTrainings({ ...filter, sort: 'id', idGt }, options),
        endless('trainings'),
      ),
    listPools: (filter = {}, options) =>
      readAllPages((idGt) => {
        const query = trainingsQuery({ ...filter, sort: 'id', idGt });
        return getPage('pools', schemas.poolSchema, query, options);
      }, endless('pools')),
    getProject: (id, options) => get('projects/{id}', schemas.projectSchema, id, options),
    archiveTraining: (id, options) => {
      const read = (exchange: Exchange, context: AnswerContext) => readArchive(exchange, id, context);
      return call({ method: 'POST', route: `${trainingPath}/{id}/archive`, id, read }, options);
    },
    getOperation: (id, options) => get('operations/{id}', schemas.operationSchema, id, options),
    findOperations: async (query = {}, options) =>
      getPage('operations', schemas.operationSchema, operationsQuery(query), options),
    listOperations: (filter = {}, options) =>
      readAllPages(
        (idGt) => methods.findOperations({ ...filter, sort: 'id', idGt }, options),
        endless('operations'),
      ),
    getRequester: (options) =>
      call({ method: 'GET', route: 'requester', read: reader(schemas.requesterSchema) }, options),
  };
  return methods;
}

function reader<T>(schema: z.ZodType<T>) {
  return (exchange: Exchange, context: AnswerContext): T => {
    // 204 is left to the reading of the body, which says that there is none.
    if (exchange.status !== 200 && exchange.status !== 204) {
      throw unreadable('unexpected_status', exchange, context);
    }
    return readBody(exchange, schema, context);
  };
}

function endless(list: string) {
  return () => new TolokaUnreadableError('endless_list', { call: `GET /v1/${list}` });
}
