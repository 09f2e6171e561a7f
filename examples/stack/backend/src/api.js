import { createServer } from "node:http";
import { reasonOf } from "./database.js";

const LARGEST_BODY = 64 * 1024;
const HIGHEST_PRICE = 99_999_999;

/** The HTTP API: `/healthz`, `/api/version`, `/api/items`. */
export function createApi({ items, commit }) {
  const routes = {
    "GET /healthz": async () => {
      try {
        await items.check();
        return [200, { status: "ok" }];
      } catch (error) {
        return [503, { status: "unavailable", reason: `database: ${reasonOf(error)}` }];
      }
    },
    "GET /api/version": async () => [200, { service: "backend", commit }],
    "GET /api/items": async () => [200, { items: await items.list() }],
    "POST /api/items": async (request) => {
      const item = itemFrom(await bodyOf(request));
      return item
        ? [201, await items.add(item)]
        : [400, { error: "expected JSON: {name: text, price: number}" }];
    },
  };

  return createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://backend");
    const route = routes[`${request.method} ${pathname}`];
    let [status, body] = [404, { error: `no ${request.method} ${pathname} here` }];
    try {
      if (route) [status, body] = await route(request);
    } catch (error) {
      [status, body] = [500, { error: reasonOf(error) }];
      console.error(`${request.method} ${pathname}: ${reasonOf(error)}`);
    }
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(body)}\n`);
  });
}

async function bodyOf(request) {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > LARGEST_BODY) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function itemFrom(body) {
  const { name, price } = body ?? {};
  if (typeof name !== "string" || name.trim() === "" || name.length > 200) return undefined;
  if (typeof price !== "number" || !(price >= 0 && price <= HIGHEST_PRICE)) return undefined;
  return { name: name.trim(), price };
}
