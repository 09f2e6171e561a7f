/** The port in a registry's address; undefined without one. */
export function portOf(address: string): number | undefined {
  const [, port] = /^[^/]+:(\d+)(?:\/|$)/.exec(address) ?? [];
  return port === undefined ? undefined : Number(port);
}
