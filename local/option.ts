import { InvalidArgumentError } from 'commander';
import type { Kind } from '../functions/setting-kinds.ts';

/** Reads an option that is a whole number from `min` to `max`. */
export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`allowed: a whole number from ${min} to ${max}.`);
  };

/** Reads an option that is one of some words. */
export const oneOf =
  <W extends string>(...words: readonly W[]) =>
  (text: string): W => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`allowed: ${words.join(', ')}.`);
  };

/** Reads an option as a setting of the kind is read. */
export const inKind =
  <T>(kind: Kind<T>) =>
  (text: string): T => {
    const value = kind.parse(text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`allowed: ${kind.allowed}.`);
  };
