/**
 * Collects the items of the supplier's page, adds them through the API, and reads them back. Exits 0
 * only if the API then holds exactly what the page says.
 */
const page = process.env.PAGE_URL ?? "http://frontend/catalogue.html";
const api = process.env.API_URL ?? "http://backend:3000/api/items";

try {
  const found = itemsOn(await (await ask(page)).text());
  if (found.length === 0) throw new Error(`${page}: expected items, found none`);
  console.log(`${page}: ${found.length} items`);

  for (const item of found) {
    const headers = { "content-type": "application/json" };
    await ask(api, { method: "POST", headers, body: JSON.stringify(item) });
    console.log(`added ${item.name} at ${item.price.toFixed(2)}`);
  }

  const { items } = await (await ask(api)).json();
  const kept = new Map(items.map(({ name, price }) => [name, price]));
  for (const { name, price } of found) {
    if (kept.get(name) !== price) {
      throw new Error(`${api}: expected ${name} at ${price}, found ${kept.get(name)}`);
    }
  }
  console.log(`${api}: holds all ${found.length} of them`);
} catch (error) {
  console.error(`scraper: ${error.message}${error.cause ? `: ${error.cause.message}` : ""}`);
  process.exitCode = 1;
}

function itemsOn(html) {
  const item = /<li class="item" data-price="([\d.]+)">([^<]+)<\/li>/g;
  return [...html.matchAll(item)].map(([, price, name]) => ({
    name: name.replaceAll("&amp;", "&"),
    price: Number(price),
  }));
}

async function ask(url, options = {}) {
  const method = options.method ?? "GET";
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) }).catch(
    (cause) => {
      throw new Error(`${method} ${url} failed`, { cause });
    },
  );
  if (response.ok) return response;
  const body = (await response.text()).slice(0, 200).trim();
  throw new Error(`${method} ${url}: expected success, got ${response.status} ${body}`);
}
