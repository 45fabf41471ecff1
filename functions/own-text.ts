/**
 * The same text in memory of its own. What is cut out of a text keeps the whole of it in memory, and a record is cut out
 * of a batch: what outlives the batch has to be a text of its own.
 */
export const ownText = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
