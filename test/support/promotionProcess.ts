import { promoteIn, type Yard } from "./shipyard.ts";

// A promotion in a process of its own, to be killed: promotionProcess.ts <yard as JSON> <commit>
const [yard = "", commit = ""] = process.argv.slice(2);
try {
  await promoteIn(JSON.parse(yard) as Yard, commit, (line) => console.log(line));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
