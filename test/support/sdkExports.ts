/** What `@dagger.io/dagger` exports to a module: recorded on a real engine v0.21.8. */
export const sdkExports = `
  Address Binding CacheSharingMode CacheVolume Changeset ChangesetMergeConflict
  ChangesetsMergeConflict Check CheckGroup Client ClientFilesyncMirror Cloud Container Context
  CurrentModule DiffStat DiffStatKind Directory EnumTypeDef EnumValueTypeDef Env EnvFile
  EnvVariable Error ErrorValue ExistsType FieldTypeDef File FileType FunctionArg
  FunctionCachePolicy FunctionCall FunctionCallArgValue Function_ GeneratedCode Generator
  GeneratorGroup GitRef GitRepository HTTPState HealthcheckConfig ImageLayerCompression
  ImageMediaTypes InputTypeDef InterfaceTypeDef JSONValue LLM LLMTokenUsage Label ListTypeDef
  ModuleConfigClient ModuleSource ModuleSourceExperimentalFeature ModuleSourceKind Module_
  NetworkProtocol ObjectTypeDef Port RemoteGitMirror ReturnType SDKConfig ScalarTypeDef
  SearchResult SearchSubmatch Secret Service Socket SourceMap Stat Terminal TypeDef
  TypeDefKind Up UpGroup Workspace _ExportableClient _NodeClient _SyncerClient argument check
  connect connection dag entrypoint enumType field func generate object
`
  .trim()
  .split(/\s+/);
