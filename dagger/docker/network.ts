import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import type { Daemon } from "./daemon/daemon.ts";
import { sessionLabels } from "./labels.ts";

const created = z.object({ Id: z.string() });
const details = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Gateway: z.string().optional() })) }),
});

/** The bridge network on which a session's services and the containers that use them meet. */
export class SessionNetwork {
  #id: Promise<string> | undefined;

  constructor(
    private readonly daemon: Daemon,
    private readonly sessionId: string,
  ) {}

  /** Its id; made on first use. */
  id(): Promise<string> {
    this.#id ??= this.#create().catch((error: unknown) => {
      this.#id = undefined;
      throw error;
    });
    return this.#id;
  }

  /** True once something of the session is on it, so that commands which run now may need it, too. */
  get isUsed(): boolean {
    return this.#id !== undefined;
  }

  /** This host's address on the network. */
  async gateway(): Promise<string> {
    const { IPAM } = await this.daemon.json(details, "GET", `/networks/${await this.id()}`);
    const gateway = IPAM.Config.find(({ Gateway }) => Gateway !== undefined)?.Gateway;
    if (gateway === undefined) {
      throw new SluiceError("DOCKER_ERROR", "the session network has no gateway address");
    }
    // Some daemons append the length of the prefix.
    return gateway.split("/", 1)[0] ?? gateway;
  }

  async #create(): Promise<string> {
    const { Id } = await this.daemon.json(created, "POST", "/networks/create", {
      body: {
        Name: `sluice-${this.sessionId}`,
        Driver: "bridge",
        Labels: sessionLabels(this.sessionId, "network"),
      },
    });
    return Id;
  }
}
