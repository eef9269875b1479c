/**
 * The base of every error that this project throws on purpose. `code` is stable: people search for it, tests and
 * callers branch on it. The message says what to do about it, in words for the person who will read it.
 */
export abstract class AppError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
