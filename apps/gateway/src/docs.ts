import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '#runtime/version';
import { IDEMPOTENCY_HEADER } from './admin/call-options.js';

/** The admin API's own description, from the very schemas that check its requests. */
export function describeApi(nest: NestFastifyApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Keyward')
    .setDescription('Keys, budgets and access rules for AI APIs: the admin API.')
    .setVersion(VERSION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addCookieAuth('token', { type: 'apiKey', in: 'cookie', name: 'token' }, 'session')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key with the scope a route needs.' }, 'key')
    .build();
  const document = SwaggerModule.createDocument(nest, about, { operationIdFactory: (_, method) => method });
  for (const path of Object.values(document.paths)) {
    for (const [method, operation] of Object.entries(path)) {
      if (METHODS.has(method)) correct(method, operation, document);
    }
  }
  return document;
}

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** What a route's decorators cannot know: its method, and that a body in which nothing is needed may be left out. */
function correct(method: string, operation: Operation, { components }: OpenAPIObject): void {
  if (method !== 'post') {
    operation.parameters = operation.parameters?.filter(
      (each) => !('name' in each) || each.name !== IDEMPOTENCY_HEADER,
    );
  }
  const body = operation.requestBody;
  if (!body || '$ref' in body) return;
  const schema = body.content['application/json']?.schema;
  const named = schema && '$ref' in schema ? components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] : schema;
  if (named && !('$ref' in named) && named.type === 'object' && !named.required?.length) body.required = false;
}

/** `/docs` is a page, `/docs/openapi.json` the document. Both are served from here: nothing is loaded from elsewhere. */
export function serveDocs(nest: NestFastifyApplication): void {
  SwaggerModule.setup('docs', nest, () => describeApi(nest), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
  });
}
