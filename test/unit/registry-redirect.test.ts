import { expect, it } from "vitest";
import { isInternal, redirectTarget } from "../../.dagger/src/registry/http/redirect.ts";

const from = new URL("https://registry.example.com/v2/acme/image/blobs/x");

it("a redirect is followed to another host on the internet, and to a path", () => {
  const storage = "https://storage.example.com/x?signature=y";
  expect(redirectTarget(from, storage).href).toBe(storage);
  expect(redirectTarget(from, "/other").href).toBe("https://registry.example.com/other");
});

it("a redirect from HTTPS to HTTP is refused", () => {
  expect(() => redirectTarget(from, "http://storage.example.com/x")).toThrow(
    "registry.example.com redirects to plain HTTP on storage.example.com [REGISTRY_REDIRECT]",
  );
});

it.each(["ftp://example.com/x", "file:///etc/passwd", "data:text/plain,x", "http://"])(
  "a redirect to %s leads nowhere",
  (location) => {
    expect(() => redirectTarget(from, location)).toThrow("[REGISTRY_REDIRECT]");
  },
);

it("a registry on this machine may redirect within it", () => {
  const here = new URL("http://localhost:5000/v2/");
  expect(redirectTarget(here, "http://127.0.0.1:9000/x").port).toBe("9000");
});

it.each([
  ...["127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.9.9", "192.168.0.1"],
  ...["100.64.0.1", "169.254.169.254", "[::1]", "[::]", "[fd00::1]", "[fe80::1]"],
  ...["[::ffff:127.0.0.1]", "localhost", "x.localhost", "registry", "LOCALHOST"],
])("%s is internal", (host) => {
  expect(isInternal(host)).toBe(true);
});

it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "ghcr.io", "[2606:4700::1]"])(
  "%s is not",
  (host) => {
    expect(isInternal(host)).toBe(false);
  },
);
