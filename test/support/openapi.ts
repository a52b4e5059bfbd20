/** docs/openapi.yaml, and whether answers are what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { CHECKOUT } from '../../build/cli/checkout.ts';

interface Operation {
  readonly parameters?: readonly unknown[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

const document = parse(readFileSync(join(CHECKOUT, 'docs/openapi.yaml'), 'utf8')) as Document;

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(closed(document) as Document, 'openapi');

/** `GET /v1/machine` and so on. */
export function describedRoutes(): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** What of this answer is not as described; of NDJSON, one object is an answer. */
export function wrongIn(path: string, body: unknown): string[] {
  const content = document.paths[path]?.['get']?.responses['200']?.content ?? {};
  const [type] = Object.keys(content);
  if (type === undefined) return [`GET ${path} is not described`];
  const place = ['paths', path, 'get', 'responses', '200', 'content', type, 'schema'];
  const $ref = `openapi#/${place.map((word) => encodeURIComponent(word.replaceAll('/', '~1'))).join('/')}`;
  const validate = ajv.getSchema($ref) ?? ajv.compile({ $ref });
  if (validate(body) === true) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${path}${instancePath} ${message}: ${JSON.stringify(params)}`,
  );
}

/** The same, with no property allowed that is not described: clients take more, but we are to know. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, closed(inner)] as const);
  const isObject = 'properties' in value && 'type' in value && value.type === 'object';
  const more =
    isObject && !('additionalProperties' in value) ? { additionalProperties: false } : {};
  return { ...Object.fromEntries(entries), ...more };
}
