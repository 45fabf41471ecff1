/**
 * Standard output for as long as somebody reads it: `logweir parse FILE | head` ends in silence. Under pressure the
 * writer waits for the reader.
 */
let open = true;
let watched = false;
let wake = (): void => undefined;

/** Writes a text; false: nobody reads any more. */
export function printText(text: string): Promise<boolean> {
  watch();
  return new Promise((resolve) => {
    wake = () => resolve(open);
    if (!open || process.stdout.write(text)) wake();
    else process.stdout.once('drain', wake);
  });
}

/** The end of the reader is told once, at some later time than the write that found it. */
function watch(): void {
  if (watched) return;
  watched = true;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    open = false;
    wake();
  });
}
