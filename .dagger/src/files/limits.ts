/** Files on their way at a time: more of them share the same line. */
export const AT_ONCE = 4;

/** Largest file that is released: what a GitHub release takes; bytes. */
export const MAX_FILE_BYTES = 2 * 1024 ** 3 - 1;

/** Largest list of checksums that is read into memory; bytes. */
export const MAX_SUMS_BYTES = 64 * 1024;
