/**
 * The documentation as one can try it: reads /openapi.json, shows each path with a form, sends what was filled in with
 * the token. Everything that is shown is put in as text, never as markup.
 */
const STORED = 'logweir.token';

/** An element with text or children. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const token = document.getElementById('token');
token.value = sessionStorage.getItem(STORED) ?? '';

function field(parameter) {
  const { name, schema, required, description = '' } = parameter;
  const allowed = schema.enum ?? schema.items?.enum;
  const kind =
    schema.type === 'array' ? `${schema.items?.type ?? ''}, several: separated by spaces` : schema.type;
  const input = make('input', { name: `${parameter.in}:${name}`, placeholder: String(schema.default ?? '') });
  if (required) input.required = true;
  const about = [kind, allowed === undefined ? '' : allowed.join(' | '), description]
    .filter(Boolean)
    .join(' · ');
  return make('label', {}, make('span', {}, make('code', {}, name), ` ${about}`), input);
}

/** The address and the options of a request, as the form says. */
function requestOf(path, method, operation, form) {
  let filled = path;
  const query = new URLSearchParams();
  for (const parameter of operation.parameters ?? []) {
    const text = form.elements.namedItem(`${parameter.in}:${parameter.name}`).value.trim();
    if (parameter.in === 'path') filled = filled.replace(`{${parameter.name}}`, encodeURIComponent(text));
    else if (text !== '')
      for (const one of parameter.schema.type === 'array' ? text.split(/\s+/) : [text])
        query.append(parameter.name, one);
  }
  const body = form.elements.namedItem('body')?.value;
  return {
    url: query.size === 0 ? filled : `${filled}?${query}`,
    options: {
      method: method.toUpperCase(),
      headers: {
        authorization: `Bearer ${token.value.trim()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    },
  };
}

/** Shows what comes, as it comes: a live tail has no end. */
async function show(response, output) {
  output.textContent = `${response.status}\n`;
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader.read()) {
    output.textContent = (output.textContent + part.value).slice(0, 200_000);
    if (output.textContent.length >= 200_000) await reader.cancel();
  }
  const at = output.textContent.indexOf('\n') + 1;
  try {
    const value = JSON.parse(output.textContent.slice(at));
    output.textContent = `${response.status}\n${JSON.stringify(value, null, 2)}`;
  } catch {
    // Not JSON: it is shown as it came.
  }
}

function operationView(path, method, operation) {
  const output = make('pre', { 'aria-live': 'polite' });
  const stop = make('button', { type: 'button' }, 'Stop');
  const schema = operation.requestBody?.content['application/json']?.schema;
  const body =
    schema === undefined
      ? []
      : [make('label', {}, 'body', make('textarea', { name: 'body', rows: '6' }, '{}'))];
  const form = make(
    'form',
    {},
    ...(operation.parameters ?? []).map(field),
    ...body,
    make('button', {}, 'Send'),
    stop,
  );
  let running = new AbortController();
  stop.addEventListener('click', () => running.abort());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    sessionStorage.setItem(STORED, token.value.trim());
    running.abort();
    running = new AbortController();
    const { url, options } = requestOf(path, method, operation, form);
    try {
      await show(await fetch(url, { ...options, signal: running.signal }), output);
    } catch (error) {
      output.textContent += `\n${error.name === 'AbortError' ? 'stopped' : error.message}`;
    }
  });
  const head = make(
    'summary',
    {},
    make('span', { class: 'method' }, method.toUpperCase()),
    make('code', {}, path),
    ` ${operation.summary}`,
  );
  const shape = schema === undefined ? [] : [make('pre', {}, JSON.stringify(schema, null, 2))];
  return make('details', {}, head, make('p', {}, operation.description ?? ''), form, ...shape, output);
}

const main = document.getElementById('paths');
const { paths } = await (await fetch('/openapi.json')).json();
const byTag = new Map();
for (const [path, methods] of Object.entries(paths))
  for (const [method, operation] of Object.entries(methods)) {
    const tag = operation.tags?.[0] ?? 'other';
    byTag.set(tag, [...(byTag.get(tag) ?? []), operationView(path, method, operation)]);
  }
main.replaceChildren(...[...byTag].flatMap(([tag, views]) => [make('h2', {}, tag), ...views]));
main.removeAttribute('aria-busy');
