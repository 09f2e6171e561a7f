/** How an image is made on the common base that stands in for an official one. */
export interface Recipe {
  /** Debian packages, with all they depend on. */
  packages?: readonly string[];
  /** Paths of packages to leave out, as dpkg's `path-exclude` takes them. */
  without?: readonly string[];
  /** npm packages, and the folders of the image they are unpacked into. */
  npm?: (tag: string, arch: string) => readonly { name: string; into: string }[];
  /** Files by their absolute paths. */
  files?: Readonly<Record<string, { mode: number; text: string }>>;
  /** Shell commands that are run as root at the end. */
  setup?: readonly string[];
  config: RecipeConfig;
  /** A command that prints what the image really has, such as `nginx 1.22.1`. */
  version: readonly string[];
}

/** The search path that every image has, as the official ones do. */
export const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Settings of the image under Docker's names; what is not given is as on the base. */
export interface RecipeConfig {
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  ExposedPorts?: Record<string, object>;
  StopSignal?: string;
  WorkingDir?: string;
}
