import { randomUUID } from "node:crypto";
import {
  type ServiceDefinition,
  Server,
  ServerCredentials,
  status,
  type handleUnaryCall,
} from "@grpc/grpc-js";
import type { BuildSpec } from "../types.ts";
import { credentialsFor } from "../registry/credentials.ts";
import type { Workshop } from "../workshop.ts";
import {
  CredentialsRequest,
  CredentialsResponse,
  HealthRequest,
  HealthResponse,
  type Message,
  SecretRequest,
  SecretResponse,
} from "./protocol.ts";

const SERVING = 1;

/** The connection on which the daemon's BuildKit asks for secrets and registry credentials. */
export interface BuildSession {
  readonly id: string;
  close(): void;
}

/** Opens a session. Secrets travel on demand over this connection and are written nowhere. */
export async function openSession(workshop: Workshop, spec: BuildSpec): Promise<BuildSession> {
  const id = randomUUID();
  const services = [
    secretService(spec.secrets),
    authService(spec.credentials),
    // BuildKit drops a session that does not answer its health checks.
    unary("grpc.health.v1.Health", "Check", HealthRequest, HealthResponse, async () => ({
      status: SERVING,
    })),
  ];
  const socket = await workshop.daemon.hijack("/session", {
    headers: {
      Upgrade: "h2c",
      "X-Docker-Expose-Session-Uuid": id,
      "X-Docker-Expose-Session-Name": "sluice",
      "X-Docker-Expose-Session-Grpc-Method": services.map(({ path }) => path),
    },
    signal: workshop.signal,
  });
  const server = new Server();
  for (const { definition, implementation } of services) {
    server.addService(definition, implementation);
  }
  socket.on("error", () => undefined);
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    close: () => {
      server.forceShutdown();
      socket.destroy();
    },
  };
}

interface UnaryService {
  path: string;
  definition: ServiceDefinition;
  implementation: Record<string, handleUnaryCall<unknown, unknown>>;
}

/** A gRPC service with one method. `answer` may throw a {@link NoSuchThing}. */
function unary<Q, A>(
  service: string,
  method: string,
  request: Message<Q>,
  response: Message<A>,
  answer: (question: Q) => Promise<A>,
): UnaryService {
  const path = `/${service}/${method}`;
  return {
    path,
    definition: {
      [method]: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Q) => request.encode(value),
        requestDeserialize: (bytes) => request.decode(bytes),
        responseSerialize: (value: A) => response.encode(value),
        responseDeserialize: (bytes) => response.decode(bytes),
      },
    },
    implementation: {
      [method]: (call, callback) => {
        answer(call.request as Q).then(
          (value) => callback(null, value),
          (error: unknown) =>
            callback({
              code: error instanceof NoSuchThing ? status.NOT_FOUND : status.INTERNAL,
              details: error instanceof Error ? error.message : String(error),
            }),
        );
      },
    },
  };
}

class NoSuchThing extends Error {}

function secretService(secrets: BuildSpec["secrets"]): UnaryService {
  const byId = new Map(secrets.map(({ id, content }) => [id, content]));
  return unary(
    "moby.buildkit.secrets.v1.Secrets",
    "GetSecret",
    SecretRequest,
    SecretResponse,
    async ({ ID }) => {
      const data = byId.get(ID);
      if (!data) throw new NoSuchThing(`secret ${ID}: not found`);
      return { data };
    },
  );
}

function authService(credentials: BuildSpec["credentials"]): UnaryService {
  return unary(
    "moby.filesync.v1.Auth",
    "Credentials",
    CredentialsRequest,
    CredentialsResponse,
    async ({ Host }) => {
      const registry = /(?:^|\.)docker\.io(?:\/|$)/.test(Host) ? "docker.io" : Host;
      const found = await credentialsFor(registry, credentials);
      // An identity token goes without a user name.
      const Username = found?.username === "<token>" ? "" : (found?.username ?? "");
      return { Username, Secret: found?.password ?? "" };
    },
  );
}
