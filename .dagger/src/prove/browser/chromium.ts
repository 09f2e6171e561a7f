import { randomUUID } from "node:crypto";
import { dag, type Service } from "@dagger.io/dagger";

/** Chromium without a window, of the very version that puppeteer-core is made for. */
export const BROWSER_IMAGE = "chromedp/headless-shell:148.0.7778.97";

/** Where the image lets others in to its remote control. */
export const CONTROL_PORT = 9222;
/** Where the browser itself listens, for its own host only; the image exposes it all the same. */
const OWN_PORT = 9223;

/**
 * A browser as a service of the Dagger session; not started yet.
 *
 * @param bindings services that pages are on, by the host names that the browser finds them under
 */
export function chromium(image: string, bindings: Readonly<Record<string, Service>>): Service {
  const container = Object.entries(bindings).reduce(
    (self, [name, service]) => self.withServiceBinding(name, service),
    dag
      .container()
      .from(image)
      // Equal services are one: the browser of another smoke would be stopped along with this one.
      .withEnvVariable("SLUICE_RUN", randomUUID())
      .withoutExposedPort(OWN_PORT)
      .withExposedPort(CONTROL_PORT),
  );
  return container.asService({
    useEntrypoint: true,
    // Shared memory of a container is small, and Chromium crashes when it is used up.
    args: ["--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run"],
  });
}
