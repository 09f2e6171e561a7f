import { join } from "node:path";
import { type TlsMaterial, parseEndpoint } from "../daemon/endpoint.ts";
import { messageOf } from "../../core/message.ts";
import type { Strategy } from "./strategy.ts";
import { readTls } from "./tls.ts";

/** `DOCKER_HOST` with `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`, as the docker client reads them. */
export const dockerHost: Strategy = {
  explicit: true,
  async find({ env, home }) {
    const address = env.DOCKER_HOST;
    if (address === undefined || address === "") return [];
    const name = `DOCKER_HOST=${address}`;
    try {
      let tls: TlsMaterial | undefined;
      if ((env.DOCKER_TLS_VERIFY ?? "") !== "" || (env.DOCKER_TLS ?? "") !== "") {
        tls = await readTls(env.DOCKER_CERT_PATH ?? join(home, ".docker"));
      }
      return [{ name, endpoint: parseEndpoint(address, tls) }];
    } catch (error) {
      return [{ name, refused: messageOf(error) }];
    }
  },
};
