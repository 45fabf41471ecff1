/**
 * The line format of the Container Runtime Interface: `TIME stdout|stderr F|P[:…] text`. `P` marks a part of a line
 * that the runtime cut at 16 KiB. What the container wrote is read as a record of its own.
 * Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/kuberuntime/logs/logs.go
 */
import { addFormat, addText, type Draft, setTime } from '../draft.ts';
import type { ReadTime } from '../time/calendar.ts';

const HEAD = /^ (stdout|stderr) ([FP])(?::([^\s]{0,40}))?(?: |$)/;

/** Reads the wrapper; the text inside, or null: it is none. */
export function readCri(draft: Draft, text: string, time: ReadTime): string | null {
  if (text.charCodeAt(time.end + 1) !== 0x73) return null;
  const head = HEAD.exec(text.slice(time.end, time.end + 40));
  if (head === null) return null;
  addFormat(draft, 'cri');
  setTime(draft, time, 'text');
  addText(draft, 'stream', head[1]!);
  draft.stream = head[1]!;
  if (head[3] !== undefined) addText(draft, 'cri_tags', head[3]);
  draft.wrapped = true;
  draft.partial = head[2] === 'P';
  draft.inner = text.slice(time.end + head[0].length);
  return draft.inner;
}
