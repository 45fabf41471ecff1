/** One running stand-in of a Google service on loopback. */
export interface LocalService {
  /** The port it listens on, on 127.0.0.1. */
  readonly port: number;
  /** Stops accepting, finishes what is in hand, writes its state to disk. Safe to call twice. */
  close(): Promise<void>;
}
