/** The page says no: to a request that it must not serve, or to an act that is not possible now. */
export class PageRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
