import { announcementsAreOfChannels, releasedChannelsHaveReleases } from "./announcements.ts";
import { branchesAreDistinct, channelsAreDistinct } from "./channels.ts";
import type { Rule } from "./draft.ts";
import { approvalsAreReachable, branchIsNotItsOwnGate, releasesAreKnown } from "./gates.ts";
import { composeFollowsAChannel, ledgerIsApart } from "./ledger.ts";
import { needsAreKnown, needsHaveNoCycle } from "./needs.ts";
import { prerequisitesComeBefore, prerequisitesHaveNoCycle } from "./prerequisites.ts";
import { noAddressTwice, sessionRegistriesAreLocal } from "./registries.ts";
import {
  everyServiceProvesItself,
  filesNeverRun,
  noFileTwice,
  noNameTwice,
  noRepositoryTwice,
} from "./services.ts";
import {
  flyTargetsNameTheirService,
  stepsAreDistinct,
  targetsAreKnown,
  targetsAreProvenByTheirUrl,
  targetsHaveOnePlatform,
  targetsPullFromOutside,
} from "./targets.ts";

/** Everything that has to hold between different parts of a pipeline file. */
export const rules: readonly Rule[] = [
  everyServiceProvesItself,
  filesNeverRun,
  noFileTwice,
  noNameTwice,
  noRepositoryTwice,
  needsAreKnown,
  needsHaveNoCycle,
  noAddressTwice,
  sessionRegistriesAreLocal,
  channelsAreDistinct,
  branchesAreDistinct,
  prerequisitesHaveNoCycle,
  prerequisitesComeBefore,
  releasesAreKnown,
  branchIsNotItsOwnGate,
  approvalsAreReachable,
  ledgerIsApart,
  composeFollowsAChannel,
  targetsHaveOnePlatform,
  targetsAreKnown,
  targetsPullFromOutside,
  flyTargetsNameTheirService,
  targetsAreProvenByTheirUrl,
  stepsAreDistinct,
  announcementsAreOfChannels,
  releasedChannelsHaveReleases,
];
