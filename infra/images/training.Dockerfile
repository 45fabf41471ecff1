# The training job that drift starts at Vertex AI on spot machines (functions/detect/vertex.ts): its arguments are those
# of models/train/job.ts, and AIP_MODEL_DIR says where the models go. Build from the top of the repository:
#   docker build -f infra/images/training.Dockerfile -t logweir-training .
FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY infra/package.json infra/
RUN npm ci --omit=dev --workspaces=false
COPY tsconfig.json ./
COPY functions functions
COPY local local
COPY models models
# ../proto/compiled: what @datadog/sketches-js writes protobuf with, which nobody does here; it wants an undeclared package.
RUN npx esbuild models/train/job.ts --bundle --platform=node --target=node22 --format=esm \
      --external:onnxruntime-node --external:../proto/compiled --outfile=/app/job.mjs \
      --banner:js="import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" \
 && mkdir -p /app/node_modules/onnxruntime-node/bin/napi-v6/linux \
 && cd node_modules \
 && cp -r onnxruntime-common /app/node_modules/ \
 && cp -r onnxruntime-node/package.json onnxruntime-node/dist /app/node_modules/onnxruntime-node/ \
 && cp -r onnxruntime-node/bin/napi-v6/linux/x64 /app/node_modules/onnxruntime-node/bin/napi-v6/linux/

FROM node:22-slim
WORKDIR /app
COPY --from=build /app /app
ENV NODE_ENV=production
USER node
ENTRYPOINT ["node", "job.mjs"]
