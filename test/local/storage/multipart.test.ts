import { describe, expect, it } from 'vitest';
import { readMultipart } from '../../../local/storage/multipart.ts';

async function* chunksOf(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function read(body: Buffer, contentType: string, size: number) {
  const { metadata, contentType: type, data } = await readMultipart(chunksOf(body, size), contentType);
  const parts: Buffer[] = [];
  for await (const chunk of data) parts.push(chunk);
  return { metadata: JSON.parse(metadata.toString()), type, data: Buffer.concat(parts) };
}

function bodyOf(boundary: string, newline: string, data: Buffer): Buffer {
  const head = [
    `--${boundary}`,
    'Content-Type: application/json; charset=UTF-8',
    '',
    '{"name":"a b"}',
    `--${boundary}`,
    'content-type: text/plain',
    'Content-Transfer-Encoding: binary',
    '',
    '',
  ].join(newline);
  return Buffer.concat([Buffer.from(head), data, Buffer.from(`${newline}--${boundary}--`)]);
}

describe('a multipart upload', () => {
  const tricky = Buffer.from('line\r\n--not\n\n--the end\r\n--\0\xff', 'latin1');
  it.each([
    ['as Node sends it', 'multipart/related; boundary=8d2f-11', '8d2f-11', '\r\n', tricky],
    ['with a quoted boundary', 'multipart/related; boundary="== x =="', '== x ==', '\r\n', tricky],
    ['as gcloud sends it', "multipart/related; boundary='===1234=='", '===1234==', '\n', tricky],
    ['with nothing in it', 'multipart/related; boundary=b', 'b', '\r\n', Buffer.alloc(0)],
    ['of line ends alone', 'multipart/related; boundary=b', 'b', '\n', Buffer.from('\n\n\n')],
  ])('%s arrives whole, however it is cut into chunks', async (_, contentType, boundary, newline, data) => {
    const body = bodyOf(boundary, newline, data);
    for (let size = 1; size <= body.length; size += size < 60 ? 1 : 41) {
      expect(await read(body, contentType, size)).toEqual({
        metadata: { name: 'a b' },
        type: 'text/plain',
        data,
      });
    }
  });

  it.each([
    ['is cut short', 'multipart/related; boundary=b', bodyOf('b', '\r\n', tricky).subarray(0, -6)],
    ['names no boundary', 'multipart/related', bodyOf('b', '\r\n', tricky)],
    ['has another boundary than it says', 'multipart/related; boundary=other', bodyOf('b', '\r\n', tricky)],
  ])('that %s is refused', async (_, contentType, body) => {
    await expect(read(body, contentType, 10)).rejects.toMatchObject({ code: 400 });
  });
});
