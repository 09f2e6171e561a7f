/**
 * How `@dagger.io/dagger` differs between a module and the npm package. In a module it is a library
 * that the engine bundles, beside a client that it generates.
 */

/** What the library exports besides the client: no error classes, and no `up`. */
export const libraryValues = [
  "connection",
  "connect",
  "Context",
  "func",
  "check",
  "generate",
  "argument",
  "object",
  "field",
  "enumType",
  "entrypoint",
];

/** Types of the API that module code does not see: they give access to the machine around it. */
export const unseenTypes = [
  "Engine",
  "EngineCache",
  "EngineCacheEntry",
  "EngineCacheEntrySet",
  "Host",
  "Volume",
];

/** Fields that would give or take them. */
export const unseenFields = [
  "engine",
  "host",
  "sshfsVolume",
  "volume",
  "asVolume",
  "withMountedVolume",
  "withVolumeInput",
  "withVolumeOutput",
  ...unseenTypes.map((name) => `load${name}FromID`),
];
