import { defaultPath, type Recipe } from "./recipe.ts";

/** Starts PostgreSQL as the official image does: first start initialises, variables name user and database. */
const postgresEntrypoint = `#!/bin/sh
set -eu
export PGDATA="\${PGDATA:-/var/lib/postgresql/data}"
if [ "$1" != postgres ]; then exec "$@"; fi
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user="\${POSTGRES_USER:-postgres}"
  database="\${POSTGRES_DB:-$user}"
  if [ -z "\${POSTGRES_PASSWORD:-}" ] && [ "\${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo "Error: POSTGRES_PASSWORD is not set" >&2
    exit 1
  fi
  pwfile="$(mktemp)"
  printf '%s' "\${POSTGRES_PASSWORD:-unused}" > "$pwfile"
  initdb -D "$PGDATA" -U "$user" --pwfile="$pwfile" --no-sync -E UTF8 --locale=C.UTF-8 > /dev/null
  rm -f "$pwfile"
  echo "host all all all \${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start > /dev/null
  if [ "$database" != postgres ]; then
    psql -v ON_ERROR_STOP=1 -U "$user" -d postgres -v db="$database" -c 'SELECT 1' > /dev/null
    createdb -U "$user" -- "$database"
  fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sql) psql -v ON_ERROR_STOP=1 -U "$user" -d "$database" -f "$file" ;;
      *.sh) . "$file" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop > /dev/null
fi
exec "$@" -c listen_addresses='*' -c jit=off
`;

const nginxConfig = `user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log /dev/stderr notice;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  default_type application/octet-stream;
  access_log /dev/stdout combined;
  sendfile on;
  keepalive_timeout 65;
  include /etc/nginx/conf.d/*.conf;
}
`;

const nginxSite = `server {
  listen 80;
  server_name localhost;
  location / {
    root /usr/share/nginx/html;
    index index.html index.htm;
  }
}
`;

/** As in the official image: templates become configuration, with the environment filled in. */
const nginxEntrypoint = `#!/bin/sh
set -eu
if [ -d /etc/nginx/templates ]; then
  names="$(env | cut -d= -f1 | sed 's/^/$/' | tr '\\n' ' ')"
  for template in /etc/nginx/templates/*.template; do
    [ -e "$template" ] || continue
    envsubst "$names" < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
  done
fi
exec "$@"
`;

const nodeEntrypoint = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ]; then set -- node "$@"; fi
exec "$@"
`;

/** As in the official image, whose server lets everybody in unless it is told otherwise. */
const redisEntrypoint = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ] || [ "\${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \\! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  shift
  case "\${1:--}" in
    -*) set -- --protected-mode no "$@" ;;
    *) file="$1" && shift && set -- "$file" --protected-mode no "$@" ;;
  esac
  set -- redis-server "$@"
fi
exec "$@"
`;

/** As in the official image: a configuration's path, or a subcommand, is for the registry. */
const registryEntrypoint = `#!/bin/sh
set -e
case "$1" in
  *.yaml | *.yml) set -- registry serve "$@" ;;
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
`;

const registryConfig = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
`;

/**
 * As in the official image: the browser answers to its own host only, so that everybody else is let in
 * at another port; arguments are further flags.
 */
const headlessShellEntrypoint = `#!/bin/bash
set -e
socat TCP4-LISTEN:9222,fork TCP4:127.0.0.1:9223 &
exec /headless-shell/headless-shell \\
  --no-sandbox \\
  --use-gl=angle \\
  --use-angle=swiftshader \\
  --remote-debugging-address=0.0.0.0 \\
  --remote-debugging-port=9223 \\
  "$@"
`;

/** Stand-ins by the name of the repository on Docker Hub. */
export const recipes: Record<string, Recipe | undefined> = {
  "alpine/git": {
    packages: ["git", "openssh-client"],
    config: {
      Entrypoint: ["git"],
      Cmd: ["--help"],
      Env: [defaultPath],
      WorkingDir: "/git",
    },
    version: ["git", "--version"],
  },
  "chromedp/headless-shell": {
    packages: ["chromium-headless-shell", "socat"],
    // What only a display, a desktop or a debugger of graphics drivers needs would be a third of the image.
    without: [
      "/usr/lib/*/libLLVM*",
      "/usr/lib/*/dri/*",
      "/usr/lib/*/libicu*",
      "/usr/lib/*/libz3*",
      "/usr/lib/chromium/libVkLayer_khronos_validation*",
      "/usr/share/icons/*",
    ],
    files: { "/headless-shell/run.sh": { mode: 0o755, text: headlessShellEntrypoint } },
    setup: ["ln -s /usr/lib/chromium/chromium-headless-shell /headless-shell/headless-shell"],
    config: {
      Entrypoint: ["/headless-shell/run.sh"],
      Env: [`${defaultPath}:/headless-shell`, "LANG=en-US.UTF-8"],
      ExposedPorts: { "9222/tcp": {}, "9223/tcp": {} },
    },
    version: ["/headless-shell/headless-shell", "--version"],
  },
  node: {
    npm: (tag, arch) => [
      {
        name: `node-linux-${arch === "amd64" ? "x64" : arch}@${/^\d+/.exec(tag)?.[0] ?? "22"}`,
        into: "/usr/local",
      },
      { name: "npm@10", into: "/usr/local/lib/node_modules/npm" },
    ],
    files: { "/usr/local/bin/docker-entrypoint.sh": { mode: 0o755, text: nodeEntrypoint } },
    setup: [
      "ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm",
      "ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx",
      "chmod 755 /usr/local/bin/node /usr/local/lib/node_modules/npm/bin/*.js",
      "rm -rf /usr/local/share /usr/local/include /usr/local/*.md /usr/local/LICENSE /usr/local/package.json",
      "groupadd --gid 1000 node",
      "useradd --uid 1000 --gid node --shell /bin/bash --create-home node",
    ],
    config: {
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["node"],
      Env: [defaultPath, "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"],
    },
    version: ["sh", "-c", "echo Node.js $(node --version)"],
  },
  python: {
    packages: ["python3", "python3-pip", "python3-venv"],
    setup: [
      "ln -s /usr/bin/python3 /usr/local/bin/python",
      "ln -s /usr/bin/pip3 /usr/local/bin/pip",
    ],
    config: {
      Cmd: ["python3"],
      Env: [defaultPath, "LANG=C.UTF-8", "PIP_BREAK_SYSTEM_PACKAGES=1"],
    },
    version: ["python3", "--version"],
  },
  nginx: {
    packages: ["nginx-light", "gettext-base"],
    files: {
      "/etc/nginx/nginx.conf": { mode: 0o644, text: nginxConfig },
      "/etc/nginx/conf.d/default.conf": { mode: 0o644, text: nginxSite },
      "/docker-entrypoint.sh": { mode: 0o755, text: nginxEntrypoint },
    },
    setup: [
      "rm -rf /etc/nginx/sites-enabled /etc/nginx/modules-enabled/* /var/www/html",
      "mkdir -p /usr/share/nginx/html",
      "ln -sf /dev/stdout /var/log/nginx/access.log",
      "ln -sf /dev/stderr /var/log/nginx/error.log",
    ],
    config: {
      Entrypoint: ["/docker-entrypoint.sh"],
      Cmd: ["nginx", "-g", "daemon off;"],
      Env: [defaultPath],
      ExposedPorts: { "80/tcp": {} },
      StopSignal: "SIGQUIT",
    },
    version: ["sh", "-c", "nginx -v 2>&1 | sed 's#.*nginx/#nginx #'"],
  },
  postgres: {
    packages: ["postgresql-15"],
    // Its compiler for long queries is half the image.
    without: ["/usr/lib/*/libLLVM*", "/usr/lib/postgresql/15/lib/bitcode/*"],
    files: { "/usr/local/bin/docker-entrypoint.sh": { mode: 0o755, text: postgresEntrypoint } },
    setup: [
      "rm -rf /var/lib/postgresql/15 /etc/postgresql/15",
      "mkdir -p /docker-entrypoint-initdb.d",
    ],
    config: {
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["postgres"],
      Env: [
        `${defaultPath}:/usr/lib/postgresql/15/bin`,
        "PGDATA=/var/lib/postgresql/data",
        "LANG=C.UTF-8",
      ],
      ExposedPorts: { "5432/tcp": {} },
      StopSignal: "SIGINT",
    },
    version: [
      "sh",
      "-c",
      "/usr/lib/postgresql/15/bin/postgres --version | sed 's/.*(PostgreSQL) /PostgreSQL /; s/ (.*//'",
    ],
  },
  redis: {
    packages: ["redis-server"],
    files: { "/usr/local/bin/docker-entrypoint.sh": { mode: 0o755, text: redisEntrypoint } },
    setup: ["mkdir -p /data", "chown redis:redis /data"],
    config: {
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["redis-server"],
      Env: [defaultPath],
      ExposedPorts: { "6379/tcp": {} },
      WorkingDir: "/data",
    },
    version: ["sh", "-c", "redis-server --version | sed 's/.* v=/Redis /; s/ .*//'"],
  },
  registry: {
    packages: ["docker-registry"],
    files: {
      "/entrypoint.sh": { mode: 0o755, text: registryEntrypoint },
      "/etc/docker/registry/config.yml": { mode: 0o644, text: registryConfig },
    },
    setup: ["ln -sf /usr/bin/docker-registry /usr/bin/registry", "mkdir -p /var/lib/registry"],
    config: {
      Entrypoint: ["/entrypoint.sh"],
      Cmd: ["/etc/docker/registry/config.yml"],
      Env: [defaultPath],
      ExposedPorts: { "5000/tcp": {} },
    },
    version: ["sh", "-c", "echo distribution $(registry --version | cut -d' ' -f3)"],
  },
};

/** Repositories whose stand-in is the common base itself. */
export const baseRepositories = new Set(["debian", "ubuntu"]);

/** Repositories whose stand-in is a static busybox alone. */
export const busyboxRepositories = new Set(["busybox", "alpine"]);
