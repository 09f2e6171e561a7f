import { SluiceError } from "../../error.ts";
import type { ContainerAppsPlatform } from "../../pipeline/model.ts";
import type { Settings } from "../settings.ts";

/** Names of everything that is deployed to. */
export interface ResourceNames {
  subscription: string;
  group: string;
  /** Name of the app by service. */
  apps: Readonly<Record<string, string>>;
  job: string | undefined;
}

const FORMS = {
  subscription: /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  group: /^(?=.{1,90}$)[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$/u,
  resource: /^(?=.{2,32}$)[a-z](?:-?[a-z0-9])*$/,
};

/**
 * Names as the pipeline file and the settings have them; they become parts of URLs.
 *
 * @throws SluiceError `SETTING_MISSING`, `CONTAINER_APPS_NAME_INVALID`
 */
export async function resourceNames(
  platform: ContainerAppsPlatform,
  settings: Settings,
): Promise<ResourceNames> {
  const named = async (
    given: ContainerAppsPlatform["subscription"],
    what: string,
    form: RegExp,
  ) => {
    const text = await settings.resolve(given, what);
    if (form.test(text)) return text;
    throw new SluiceError(
      "CONTAINER_APPS_NAME_INVALID",
      `${what} has no such form: ${JSON.stringify(text.slice(0, 300))}`,
      { hint: "give it as Azure shows it: az resource list --output table" },
    );
  };
  const apps: Record<string, string> = {};
  for (const [service, given] of Object.entries(platform.apps)) {
    apps[service] = await named(given, `the name of the app of ${service}`, FORMS.resource);
  }
  return {
    apps,
    subscription: await named(
      platform.subscription,
      "the id of the subscription",
      FORMS.subscription,
    ),
    group: await named(platform.resourceGroup, "the name of the resource group", FORMS.group),
    job:
      platform.migration &&
      (await named(platform.migration.job, "the name of the migration job", FORMS.resource)),
  };
}
