/** Stub. */
export const PipelineView = () => <p>soon</p>;
