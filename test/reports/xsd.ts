/**
 * Checks a document against a schema written in a small part of XSD: global elements with sequences, choices, attributes and four
 * simple types. A construct it does not know throws, so that a schema can never be half checked.
 */
import { parseXml, type XmlElement } from './xml.ts';

const SIMPLE: Readonly<Record<string, RegExp>> = {
  'xs:string': /^[^]*$/,
  'xs:nonNegativeInteger': /^\+?\d+$/,
  'xs:decimal': /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  'xs:dateTime': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/,
};

/** Every violation, one sentence each; empty when the document is valid. */
export function violations(document: string, schema: string): string[] {
  const rules = new Map(parseXml(schema).children.map((rule) => [attribute(rule, 'name'), rule]));
  const found: string[] = [];
  visit(parseXml(document), rules, '', found);
  return found;
}

function attribute(element: XmlElement, name: string): string {
  return element.attributes.get(name) ?? '';
}

function visit(element: XmlElement, rules: ReadonlyMap<string, XmlElement>, parent: string, found: string[]): void {
  const path = `${parent}/${element.name}`;
  const type = rules.get(element.name)?.children[0];
  if (type === undefined) {
    found.push(`${path} is not in the schema`);
    return;
  }
  checkAttributes(element, type, path, found);
  const model = type.children.filter((part) => part.name !== 'xs:attribute');
  const children = element.children.map((child) => `${child.name};`).join('');
  if (!new RegExp(`^${model.map(pattern).join('')}$`).test(children)) found.push(`${path} may not hold ${children}`);
  if (attribute(type, 'mixed') !== 'true' && element.text.trim() !== '') found.push(`${path} may not hold text`);
  for (const child of element.children) visit(child, rules, path, found);
}

function checkAttributes(element: XmlElement, type: XmlElement, path: string, found: string[]): void {
  const allowed = new Map(
    type.children.filter((part) => part.name === 'xs:attribute').map((part) => [attribute(part, 'name'), part]),
  );
  for (const [name, rule] of allowed) {
    if (attribute(rule, 'use') === 'required' && !element.attributes.has(name)) found.push(`${path} lacks ${name}`);
  }
  for (const [name, value] of element.attributes) {
    const rule = allowed.get(name);
    if (rule === undefined) found.push(`${path} may not have ${name}`);
    else {
      const simple = SIMPLE[attribute(rule, 'type')];
      if (simple === undefined) throw new Error(`the schema uses the unknown type ${attribute(rule, 'type')}`);
      if (!simple.test(value)) found.push(`${path} ${name}="${value}" is not ${attribute(rule, 'type')}`);
    }
  }
}

/** A content model as a regular expression over `name;name;`. */
function pattern(part: XmlElement): string {
  const min = part.attributes.get('minOccurs') ?? '1';
  const max = part.attributes.get('maxOccurs') ?? '1';
  return `(?:${inside(part)}){${min},${max === 'unbounded' ? '' : max}}`;
}

function inside(part: XmlElement): string {
  switch (part.name) {
    case 'xs:sequence':
      return part.children.map(pattern).join('');
    case 'xs:choice':
      return part.children.map(pattern).join('|');
    case 'xs:element':
      return `${attribute(part, 'ref')};`;
    default:
      throw new Error(`the schema uses ${part.name}, which this checker does not know`);
  }
}
