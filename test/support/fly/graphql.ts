import { buildSchema, graphql, GraphQLError, GraphQLScalarType } from "graphql";
import { HttpError } from "./httpError.ts";
import type { StandInApp, StandInRelease } from "./model.ts";
import type { World } from "./world.ts";

/** The part of Fly.io's schema that flyctl needs for deployments; anything else is refused. */
const schema = buildSchema(`
  scalar JSON
  type Query { app(name: String!): App! }
  type Mutation {
    createRelease(input: CreateReleaseInput!): ReleasePayload!
    updateRelease(input: UpdateReleaseInput!): ReleasePayload!
  }
  type App {
    id: ID!
    name: String!
    hostname: String!
    deployed: Boolean!
    status: String!
    appUrl: String!
    platformVersion: String!
    organization: Organization!
    currentReleaseUnprocessed: Release
    releasesUnprocessed(first: Int!): Releases!
    image(ref: String!): Image
  }
  type Organization { id: ID!, slug: String! }
  type Releases { nodes: [Release!]! }
  type Release {
    id: ID!
    version: Int!
    description: String!
    reason: String!
    status: String!
    imageRef: String!
    stable: Boolean!
    user: User!
    createdAt: String!
    configDefinition: JSON
  }
  type User { id: ID!, email: String!, name: String! }
  type Image { id: ID!, digest: String!, ref: String! }
  type ReleasePayload { release: Release! }
  enum DeploymentStrategy { ROLLING, IMMEDIATE, CANARY, BLUEGREEN }
  input CreateReleaseInput {
    appId: ID!
    image: String!
    platformVersion: String!
    strategy: DeploymentStrategy!
    definition: JSON!
  }
  input UpdateReleaseInput { releaseId: ID!, status: String!, metadata: JSON }
`);
const { JSON: scalar } = schema.getTypeMap();
if (scalar instanceof GraphQLScalarType) scalar.parseValue = (value: unknown) => value;

/** Answers a GraphQL request, as `{ data, errors }`. */
export function answerGraphql(
  world: World,
  apps: ReadonlyMap<string, StandInApp>,
  { query, variables }: { query: string; variables: Readonly<Record<string, unknown>> },
) {
  return graphql({
    schema,
    source: query,
    variableValues: variables,
    rootValue: {
      app: ({ name }: { name: string }) => shownApp(world, appNamed(apps, name)),
      createRelease: ({ input }: { input: ReleaseInput }) => ({
        release: shownRelease(create(appNamed(apps, input.appId), input)),
      }),
      updateRelease: ({ input }: { input: { releaseId: string; status: string } }) => {
        const all = [...apps.values()].flatMap(({ releases }) => releases);
        const release = all.find(({ id }) => id === input.releaseId);
        if (!release) throw new GraphQLError("Could not find Release");
        release.status = input.status;
        return { release: shownRelease(release) };
      },
    },
  });
}

interface ReleaseInput {
  appId: string;
  image: string;
  strategy: string;
  definition: unknown;
}

function appNamed(apps: ReadonlyMap<string, StandInApp>, name: string): StandInApp {
  const found = apps.get(name);
  if (found) return found;
  throw new GraphQLError("Could not find App", { extensions: { code: "NOT_FOUND" } });
}

function create(app: StandInApp, { image, strategy, definition }: ReleaseInput): StandInRelease {
  const version = (app.releases.at(-1)?.version ?? 0) + 1;
  const release = {
    ...{ version, strategy, definition, imageRef: image, status: "pending" },
    id: `rel_${app.name}_${version}`,
    createdAt: new Date().toISOString(),
  };
  app.releases.push(release);
  return release;
}

function shownApp(world: World, app: StandInApp) {
  const newest = app.releases.at(-1);
  return {
    ...{
      id: app.name,
      name: app.name,
      hostname: `${app.name}.fly.dev`,
      platformVersion: "machines",
    },
    deployed: app.releases.length > 0,
    status: app.releases.length > 0 ? "deployed" : "pending",
    appUrl: `https://${app.name}.fly.dev`,
    organization: { id: "org_1", slug: "acme" },
    currentReleaseUnprocessed: newest && shownRelease(newest),
    releasesUnprocessed: ({ first }: { first: number }) => ({
      nodes: app.releases.toReversed().slice(0, first).map(shownRelease),
    }),
    image: async ({ ref }: { ref: string }) => {
      try {
        const { digest } = await world.imageRef(app, ref);
        return { id: `img_${digest.slice(7, 19)}`, digest, ref };
      } catch (error) {
        if (error instanceof HttpError) return null;
        throw error;
      }
    },
  };
}

function shownRelease({ definition, ...release }: StandInRelease) {
  return {
    ...release,
    configDefinition: definition,
    ...{ description: "Release", reason: "deploy", stable: true },
    user: { id: "user_1", email: "ann@example.com", name: "Ann" },
  };
}
