import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";

const LONGEST_PAUSE_MS = 2000;

/** The Postgres database named by the environment. */
export function openDatabase() {
  const connectionString =
    process.env.DATABASE_URL ?? "postgres://stack:stack@127.0.0.1:5432/stack";
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 2000,
    query_timeout: 2000,
  });
  // A connection that breaks while idle is replaced by the next query.
  pool.on("error", (error) => console.error(`database: lost a connection: ${reasonOf(error)}`));
  const { hostname, port } = new URL(connectionString);
  console.log(`database: ${hostname}:${port || 5432}`);

  return {
    query: (text, values) => pool.query(text, values),
    close: () => pool.end(),

    /** Attempts `work` until it succeeds, with growing pauses. */
    async waitUntilReachable(work, signal) {
      for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
        try {
          await work();
          console.log("database: ready");
          return;
        } catch (error) {
          console.error(`database: ${reasonOf(error)}; trying again in ${pause} ms`);
          await delay(pause, undefined, { signal }).catch(() => undefined);
        }
      }
    },
  };
}

/** One line; a host with several addresses fails with one error for each of them. */
export function reasonOf(error) {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
