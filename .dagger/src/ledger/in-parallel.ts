import { Limiter } from "../registry/limiter.ts";

/** As many requests to one registry at a time as it takes without complaint. */
const AT_ONCE = 16;

/** Does the same for each item, a few at a time; answers in the items' order. */
export function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const limiter = new Limiter(AT_ONCE);
  return Promise.all(items.map((item) => limiter.run(() => work(item))));
}
