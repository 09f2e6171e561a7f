import type { Rule } from "./draft.ts";
import { needsAreKnown, needsHaveNoCycle } from "./needs.ts";
import { channelsAreDistinct, noAddressTwice, sessionRegistriesAreLocal } from "./registries.ts";
import { everyServiceProvesItself, noNameTwice, noRepositoryTwice } from "./services.ts";

/** Everything that has to hold between different parts of a pipeline file. */
export const rules: readonly Rule[] = [
  everyServiceProvesItself,
  noNameTwice,
  noRepositoryTwice,
  needsAreKnown,
  needsHaveNoCycle,
  noAddressTwice,
  sessionRegistriesAreLocal,
  channelsAreDistinct,
];
