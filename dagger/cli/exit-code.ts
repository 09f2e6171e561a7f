/** What the process answers its caller. Documented in docs/reference/launcher.md; never renumbered. */
export const exitCode = {
  ok: 0,
  /**
   * The function failed or refused, or what was typed can't be understood. A failed command inside a
   * container passes its own code on.
   */
  failed: 1,
  /** Something that Sluice needs on this machine is missing: Docker, disk space, a port. */
  environment: 3,
  /** 128 + signal number, as shells have it. */
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;
