const TABLE = `
  CREATE TABLE IF NOT EXISTS items (
    id serial PRIMARY KEY,
    name text NOT NULL UNIQUE,
    price numeric(10, 2) NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now()
  )`;

/** The items kept in `database`. Adding one with a known name changes its price. */
export function itemsIn(database) {
  let prepared;

  return {
    /** Makes the table where it is missing; a failure is not remembered. */
    prepare() {
      prepared ??= database.query(TABLE).catch((error) => {
        prepared = undefined;
        throw error;
      });
      return prepared;
    },

    async check() {
      await this.prepare();
      await database.query("SELECT 1 FROM items LIMIT 1");
    },

    async list() {
      await this.prepare();
      const { rows } = await database.query(
        "SELECT id, name, price::float AS price, added_at FROM items ORDER BY id",
      );
      return rows;
    },

    async add({ name, price }) {
      await this.prepare();
      const { rows } = await database.query(
        `INSERT INTO items (name, price) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET price = excluded.price
         RETURNING id, name, price::float AS price, added_at`,
        [name, price],
      );
      return rows[0];
    },
  };
}
