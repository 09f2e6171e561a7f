import type { Secret } from "@dagger.io/dagger";

/** As much of a secret as is asked of it here; a value that is none can be read in the same way. */
export type ReadableSecret = Pick<Secret, "plaintext">;
