/** Stub. */
export const ServiceView = ({ name }: { name: string }) => <p>{name}</p>;
