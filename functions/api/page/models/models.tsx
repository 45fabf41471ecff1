/** Stub. */
export const ModelsView = () => <p>soon</p>;
