import { globSync } from 'node:fs';
import { loadSync } from '@grpc/proto-loader';

export type JsonSchema = Record<string, unknown>;

type Field = { name: string; label: string; type: string; typeName: string };
type Described = {
  name: string;
  field?: Field[];
  nestedType?: (Described & { options: { mapEntry: boolean } | null })[];
  value?: { name: string }[];
};

/** Numbers of 64 bits travel as text, since JavaScript's would lose digits. */
const scalars: Readonly<Record<string, JsonSchema>> = {
  TYPE_STRING: { type: 'string' },
  TYPE_BOOL: { type: 'boolean' },
  TYPE_BYTES: { type: 'string', contentEncoding: 'base64' },
  TYPE_DOUBLE: { type: 'number' },
  TYPE_FLOAT: { type: 'number' },
  TYPE_INT32: { type: 'integer' },
  TYPE_UINT32: { type: 'integer' },
  TYPE_INT64: { type: 'string' },
  TYPE_UINT64: { type: 'string' },
};

/** Messages that protobuf's JSON writes in a form of their own. */
const ownForms: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
};

/** The messages of the contracts that are referred to, by full name. */
export type MessageSchemas = {
  schemas: Record<string, JsonSchema>;
  /**
   * A reference to a message, which is then among the schemas with all messages that it contains.
   *
   * @throws Error for a name that is not a message of the contracts
   */
  referTo: (message: string) => JsonSchema;
};

/** Describes messages as protobuf's JSON writes them: fields with their default values are left out. */
export function messageSchemas(protoFolder: string): MessageSchemas {
  const contracts = loadSync(globSync('**/*.proto', { cwd: protoFolder }), { includeDirs: [protoFolder] });
  const schemas: Record<string, JsonSchema> = {};
  return { schemas, referTo };

  function referTo(name: string): JsonSchema {
    const own = ownForms[name];
    if (own !== undefined) return own;
    if (!Object.hasOwn(schemas, name)) {
      const described = describedAs(name);
      // Before its fields are read: a message may contain messages of its own type.
      const schema: JsonSchema = (schemas[name] = {});
      Object.assign(schema, described.value === undefined ? messageOf(described, name) : enumOf(described));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function describedAs(name: string): Described {
    const found = contracts[name];
    if (found === undefined || !('type' in found)) throw new Error(`the contracts have no message ${name}`);
    return found.type as Described;
  }

  function messageOf(described: Described, name: string): JsonSchema {
    const fields = (described.field ?? []).map((field) => [field.name, fieldOf(field, described, name)]);
    return { type: 'object', properties: Object.fromEntries(fields), additionalProperties: false };
  }

  function fieldOf(field: Field, { nestedType = [] }: Described, scope: string): JsonSchema {
    const entry = nestedType.find(
      ({ name, options }) => options?.mapEntry === true && name === field.typeName,
    );
    const value = entry?.field?.find(({ name }) => name === 'value');
    if (value !== undefined) return { type: 'object', additionalProperties: typeOf(value, scope) };
    const type = typeOf(field, scope);
    return field.label === 'LABEL_REPEATED' ? { type: 'array', items: type } : type;
  }

  function typeOf({ type, typeName }: Field, scope: string): JsonSchema {
    if (typeName === '') {
      const scalar = scalars[type];
      if (scalar === undefined) throw new Error(`${scope}: ${type} is not described`);
      return scalar;
    }
    return referTo(resolved(typeName, scope));
  }

  /** Names are looked for from the innermost scope outwards, as protobuf does. */
  function resolved(typeName: string, scope: string): string {
    for (let outer = scope; outer !== ''; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.'))))
      if (contracts[`${outer}.${typeName}`] !== undefined) return `${outer}.${typeName}`;
    return typeName;
  }
}

function enumOf({ value = [] }: Described): JsonSchema {
  return { type: 'string', enum: value.map(({ name }) => name) };
}
