import { addressFields } from "./address.ts";
import {
  containerEnvFileFields,
  directoryAsFields,
  fileAsFields,
} from "./container/build-fields.ts";
import { configFields } from "./container/config-fields.ts";
import { execFields } from "./container/exec-fields.ts";
import { containerFileFields } from "./container/file-fields.ts";
import { healthcheckFields } from "./container/healthcheck-fields.ts";
import { imageFields } from "./container/image-fields.ts";
import { mountFields } from "./container/mount-fields.ts";
import { rootfsFields } from "./container/rootfs-fields.ts";
import { containerServiceFields } from "./container/service-fields.ts";
import type { Types } from "./define.ts";
import { envFileFields } from "./env-file.ts";
import { changesetFields } from "./files/changeset.ts";
import { directoryFields } from "./files/directory-fields.ts";
import { fileFields } from "./files/file-fields.ts";
import { gitRefFields, gitRepositoryFields } from "./git/fields.ts";
import { hostFields } from "./host/host-fields.ts";
import { jsonValueFields } from "./json-value.ts";
import { queryFields } from "./query.ts";
import { secretFields } from "./secret.ts";
import { serviceFields } from "./services/fields.ts";

/** Every core type that the engine serves; a field that is not here is answered as unsupported. */
export function coreTypes(): Types {
  return new Map([
    ["Query", { ...queryFields }],
    ["Address", addressFields],
    ["CacheVolume", {}],
    ["Changeset", changesetFields],
    [
      "Container",
      {
        ...configFields,
        ...execFields,
        ...containerFileFields,
        ...mountFields,
        ...imageFields,
        ...rootfsFields,
        ...healthcheckFields,
        ...containerServiceFields,
        ...containerEnvFileFields,
      },
    ],
    ["Directory", { ...directoryFields, ...directoryAsFields }],
    ["EnvFile", envFileFields],
    ["File", { ...fileFields, ...fileAsFields }],
    ["GitRef", gitRefFields],
    ["GitRepository", gitRepositoryFields],
    ["Host", hostFields],
    ["JSONValue", jsonValueFields],
    ["Secret", secretFields],
    ["Service", serviceFields],
    ["Socket", {}],
  ] as [string, Types extends Map<string, infer T> ? T : never][]);
}
