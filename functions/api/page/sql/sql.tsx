/** Stub. */
export const Sql = () => <p>soon</p>;
