import type { RegistryClient } from "../client.ts";

/** A repository, and the client of its registry. */
export interface Place {
  client: RegistryClient;
  /** Path within the registry: `acme/backend`. */
  repository: string;
}

/** Whether what is in one place could be mounted in the other. */
export function sameRegistry(one: Place, other: Place): boolean {
  return one.client.connection.origin.href === other.client.connection.origin.href;
}

/** `ghcr.io/acme/backend@sha256:…`, for messages. */
export function nameIn({ client, repository }: Place, digest: string): string {
  return `${client.host}/${repository}@${digest}`;
}
