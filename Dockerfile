# Debian, as in CI. The only native module, libsql, comes with binaries for glibc and musl, so Alpine could work too, but
# no test runs there.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
# The checkout may have been made with a umask that hides files from others.
RUN npm run build && chmod -R a+rX package.json scripts

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:24-bookworm-slim
# Nothing in the image can install or build.
RUN rm -rf /opt/yarn* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
# A new volume takes over the owner of this directory.
RUN install -d -o node -g node -m 700 /data
ENV NODE_ENV=production JOURNAL_PATH=/data/journal.db
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/scripts/built.cjs scripts/
COPY --from=build /app/dist dist
# The user `node`, as a number, so that Kubernetes can see that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=15s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://localhost:${process.env.PORT || 3000}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# As `npm start`, without npm.
CMD ["node", "-r", "./scripts/built.cjs", "dist/app.js"]
