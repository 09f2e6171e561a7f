import { openDatabase } from "./database.js";
import { itemsIn } from "./items.js";
import { createApi } from "./api.js";

const port = Number(process.env.PORT ?? 3000);
const database = openDatabase();
const items = itemsIn(database);
const server = createApi({ items, commit: process.env.COMMIT ?? "unknown" });

server.listen(port, () => console.log(`backend listens on port ${port}`));
const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop(signal));
await database.waitUntilReachable(() => items.prepare(), stopping.signal);

async function stop(signal) {
  console.log(`${signal}: stopping`);
  stopping.abort();
  await new Promise((closed) => server.close(closed));
  await database.close();
}
