# The training job that drift starts at Vertex AI on spot machines (functions/detect/vertex.ts): its arguments are those
# of models/train/job.ts, and AIP_MODEL_DIR says where the models go. Build from the top of the repository.
FROM node:22-slim
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY infra/package.json infra/
RUN npm ci --omit=dev --workspaces=false && npm cache clean --force
COPY tsconfig.json ./
COPY functions functions
COPY local local
COPY models models
COPY sql sql
ENV NODE_ENV=production
USER node
ENTRYPOINT ["node", "--import=tsx", "models/train/job.ts"]
