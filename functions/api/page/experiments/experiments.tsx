/** Stub. */
export const ExperimentsView = () => <p>soon</p>;
