/** One page of a list, by name. The token is the last name of the page before. */
import { invalid } from './failure.ts';

const MAX_PAGE = 1_000;

export function page<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { pageSize = 0, pageToken = '' }: { readonly pageSize?: number; readonly pageToken?: string },
): { readonly items: readonly Item[]; readonly nextPageToken: string } {
  if (pageSize < 0) throw invalid(`Invalid page size given (page_size=${pageSize}).`);
  const after = Buffer.from(pageToken, 'base64url').toString();
  const rest = items.filter((item) => nameOf(item) > after).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const size = Math.min(pageSize || MAX_PAGE, MAX_PAGE);
  const last = rest.length > size ? nameOf(rest[size - 1]!) : '';
  return { items: rest.slice(0, size), nextPageToken: Buffer.from(last).toString('base64url') };
}
