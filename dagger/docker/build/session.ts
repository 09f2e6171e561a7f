import { randomUUID } from "node:crypto";
import {
  type ServiceDefinition,
  Server,
  ServerCredentials,
  status,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from "@grpc/grpc-js";
import type { ContentStore } from "../../content/store.ts";
import { Tree } from "../../content/tree.ts";
import { keyOf } from "../../core/key.ts";
import type { BuildSpec } from "../types.ts";
import { credentialsFor } from "../registry/credentials.ts";
import type { Workshop } from "../workshop.ts";
import { type PacketStream, sendTree } from "./filesync.ts";
import {
  CredentialsRequest,
  CredentialsResponse,
  HealthRequest,
  HealthResponse,
  type Message,
  Packet,
  SecretRequest,
  SecretResponse,
} from "./protocol.ts";

const SERVING = 1;

/** The connection on which the daemon's BuildKit asks for secrets and registry credentials. */
export interface BuildSession {
  readonly id: string;
  close(): void;
}

/** What BuildKit reads files from. */
export interface BuildSources {
  /** Less what is ignored. */
  context: Tree;
  /** Holds the Dockerfile under its path in the context. */
  dockerfile: Tree;
}

/** Opens a session. Secrets travel on demand over this connection and are written nowhere. */
export async function openSession(
  workshop: Workshop,
  spec: BuildSpec,
  sources: BuildSources,
): Promise<BuildSession> {
  const id = randomUUID();
  const services = [
    secretService(spec.secrets),
    authService(spec.credentials),
    fileService(workshop.store, sources),
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
      // Builds of the same project share what BuildKit keeps of their contexts.
      "X-Docker-Expose-Session-Sharedkey": keyOf(spec.dockerfile, sources.context.list("")),
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

interface SessionService {
  path: string;
  definition: ServiceDefinition;
  implementation: UntypedServiceImplementation;
}

/** A gRPC service with one method. `answer` may throw a {@link NoSuchThing}. */
function unary<Q, A>(
  service: string,
  method: string,
  request: Message<Q>,
  response: Message<A>,
  answer: (question: Q) => Promise<A>,
): SessionService {
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
      [method]: (call: ServerUnaryCall<Q, A>, callback: sendUnaryData<A>) => {
        answer(call.request).then(
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

/** Answers BuildKit's requests for the build context and the Dockerfile. */
function fileService(store: ContentStore, sources: BuildSources): SessionService {
  const path = "/moby.filesync.v1.FileSync/DiffCopy";
  const DiffCopy = (stream: PacketStream): void => {
    const asked = (name: string) => stream.metadata.get(name).map(String);
    const [name = ""] = asked("dir-name");
    // Asked for by itself, so that BuildKit can say what to leave out. That has been done here.
    const onlyIgnore = asked("followpaths").join() === ".dockerignore";
    const tree = onlyIgnore
      ? Tree.empty
      : name === "dockerfile"
        ? sources.dockerfile
        : sources.context;
    sendTree(store, tree, stream).then(
      () => stream.end(),
      (error: unknown) => stream.destroy(error as Error),
    );
  };
  return {
    path,
    definition: {
      DiffCopy: {
        path,
        requestStream: true,
        responseStream: true,
        requestSerialize: Packet.encode,
        requestDeserialize: Packet.decode,
        responseSerialize: Packet.encode,
        responseDeserialize: Packet.decode,
      },
    },
    implementation: { DiffCopy },
  };
}

class NoSuchThing extends Error {}

function secretService(secrets: BuildSpec["secrets"]): SessionService {
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

function authService(credentials: BuildSpec["credentials"]): SessionService {
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
