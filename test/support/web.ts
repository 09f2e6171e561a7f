import { dag, type Container, type Directory } from "@dagger.io/dagger";
import { nonce } from "./containers.ts";

export const busyboxImage = "busybox:stable";

/** A container with busybox's `wget`; its commands run now, not from a cache. */
export function busybox(): Container {
  return dag.container().from(busyboxImage).withEnvVariable("TEST_RUN", nonce());
}

/** A container that serves `files` over HTTP on port 8080 when it runs as a service. */
export function webContainer(files: Directory): Container {
  return busybox()
    .withDirectory("/srv", files)
    .withExposedPort(8080)
    .withDefaultArgs(["httpd", "-f", "-p", "8080", "-h", "/srv"]);
}

/** The same for one page. */
export function page(text: string): Container {
  return webContainer(dag.directory().withNewFile("index.html", text));
}

/** Arguments that print what `url` answers. */
export function get(url: string): string[] {
  return ["timeout", "10", "wget", "-q", "-O", "-", url];
}
