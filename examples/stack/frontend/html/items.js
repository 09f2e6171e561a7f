const table = document.querySelector("table");
const state = document.querySelector("#state");

document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const item = { name: form.elements.name.value, price: form.elements.price.valueAsNumber };
  await attempt(async () => {
    await ask("/api/items", { method: "POST", body: JSON.stringify(item) });
    form.reset();
    await show();
  });
});

await attempt(show);
await attempt(async () => {
  const { commit } = await ask("/api/version");
  document.querySelector("#version").textContent = `Backend ${commit.slice(0, 12)}`;
});

async function show() {
  const { items } = await ask("/api/items");
  table.tBodies[0].replaceChildren(
    ...items.map(({ name, price }) => {
      const row = document.createElement("tr");
      row.insertCell().textContent = name;
      const cell = row.insertCell();
      cell.className = "price";
      cell.textContent = price.toFixed(2);
      return row;
    }),
  );
  table.hidden = items.length === 0;
  state.textContent = items.length === 0 ? "Nothing in the stores yet." : "";
}

async function ask(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `the API answered ${response.status}`);
  return body;
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    state.textContent = `That did not work: ${error.message}`;
  }
}
