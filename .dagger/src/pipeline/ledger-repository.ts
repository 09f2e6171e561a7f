/** Repository of a pipeline's ledger, where the file names none: its name as a slug, and `-ledger`. */
export function ledgerRepository(pipeline: string): string {
  const slug = pipeline
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 200)
    .replaceAll(/^-|-$/g, "");
  return `${slug || "release"}-ledger`;
}
