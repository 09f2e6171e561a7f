/** What flyctl ends with. */
export class CommandError extends Error {}
