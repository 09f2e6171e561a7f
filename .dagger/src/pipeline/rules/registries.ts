import { portOf } from "../address.ts";
import { readable, type Rule } from "./draft.ts";

/** Two registries at one address would be moved twice. */
export const noAddressTwice: Rule = ({ registries }) => {
  const owners = new Map<string, string>();
  return readable(registries).flatMap(([name, { address }]) => {
    const owner = owners.get(address);
    if (owner === undefined) {
      owners.set(address, name);
      return [];
    }
    const message = `registry ${owner} has the address ${JSON.stringify(address)}, too`;
    return [{ path: ["registries", name, "address"], message }];
  });
};

/**
 * An engine speaks plain HTTP, as a registry in the session does, under `localhost` only; and the
 * port is all that tells two of them apart.
 */
export const sessionRegistriesAreLocal: Rule = ({ registries }) => {
  const ports = new Map<number, string>();
  return readable(registries).flatMap(([name, { address, service }]) => {
    if (!service) return [];
    const path = ["registries", name, "address"];
    const port = portOf(address);
    if (port === undefined || !address.startsWith("localhost:")) {
      const message = "expected localhost:<port>/… for a registry that runs as a service";
      return [{ path, message: `${message}, found ${JSON.stringify(address)}` }];
    }
    if (service.port !== undefined && service.port !== port) {
      const message = `expected the port of the address, ${port}, found ${service.port}`;
      return [{ path: ["registries", name, "service", "port"], message }];
    }
    const owner = ports.get(port);
    ports.set(port, owner ?? name);
    if (owner === undefined) return [];
    return [
      { path, message: `registry ${owner} runs on port ${port}, too; expected another port` },
    ];
  });
};
