# One image per app: docker build --target gateway -t keyward-gateway .
# The targets differ in the last layer only, so a host that has one of them has nearly all of the others.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Everything: the compiler's binary is an optional package. No scripts: only the embedded Postgres of `npm start` has one.
RUN npm ci --ignore-scripts
COPY nest-cli.json tsconfig.json .swcrc ./
COPY libs libs
COPY apps apps
# Called by its name: the npm script would first prepare a developer's machine.
RUN node_modules/.bin/nest build --all && node_modules/.bin/vite build apps/dashboard && find dist -name '*.spec.*' -delete

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are servers and a Node of their own for `npm start`: half a gigabyte that has no place here.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production \
    KEYWARD_HOST=0.0.0.0 \
    KEYWARD_OPS_PORT=9090 \
    KEYWARD_PROFILES_DIR=/app/profiles
WORKDIR /app
# The one place an app writes to; a volume mounted here takes over its owner.
RUN install -d -o 10001 -g 10001 /var/lib/keyward/spool
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist/libs dist/libs
# Its `imports` are how the compiled apps find the compiled libs.
COPY package.json package.json
COPY profiles profiles
# A number, not a name: Kubernetes can check that it is not root. All files stay root's, so a broken app cannot change them.
USER 10001:10001
EXPOSE 9090
# Alive, not ready: whatever restarts unhealthy containers must not do it because Postgres is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.KEYWARD_OPS_PORT}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

FROM runtime AS keys
COPY --from=build /app/dist/apps/keys dist/apps/keys
CMD ["node","dist/apps/keys/src/main.js"]

FROM runtime AS usage
COPY --from=build /app/dist/apps/usage dist/apps/usage
CMD ["node","dist/apps/usage/src/main.js"]

FROM runtime AS policy
COPY --from=build /app/dist/apps/policy dist/apps/policy
CMD ["node","dist/apps/policy/src/main.js"]

# The last one, and so what is built where no target is named.
FROM runtime AS gateway
ENV KEYWARD_PORT=8080
COPY --from=build /app/dist/apps/gateway dist/apps/gateway
COPY --from=build /app/dist/dashboard dist/dashboard
EXPOSE 8080
CMD ["node","dist/apps/gateway/src/main.js"]
