// SPDX-License-Identifier: Apache-2.0

declare const valueType: unique symbol;

/** A JSON Schema that knows the TypeScript type of the values it describes. */
export interface Schema<T> {
	readonly [keyword: string]: unknown;
	/** For the compiler only. */
	readonly [valueType]?: T;
}

/** The type of the values that a schema describes. */
export type ValueOf<S> = S extends Schema<infer T> ? T : never;

type Fields = Readonly<Record<string, Schema<unknown>>>;
type Required<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };
type Optional<F extends Fields> = { readonly [K in keyof F]?: ValueOf<F[K]> };
type NoFields = Readonly<Record<never, never>>;

interface Limits {
	readonly minimum?: number;
	readonly maximum?: number;
}

export function number(description: string, limits: Limits = {}): Schema<number> {
	return { type: "number", description, ...limits };
}

export function integer(description: string, limits: Limits = {}): Schema<number> {
	return { type: "integer", description, ...limits };
}

export function text(description: string): Schema<string> {
	return { type: "string", description };
}

export function truth(description: string): Schema<boolean> {
	return { type: "boolean", description };
}

export function choice<const T extends string>(description: string, values: readonly T[]): Schema<T> {
	return { type: "string", description, enum: values };
}

/** Either of two shapes; their order is the order in which they are tried. */
export function either<A, B>(description: string, first: Schema<A>, second: Schema<B>): Schema<A | B> {
	return { description, anyOf: [first, second] };
}

export function nullable<T>(schema: Schema<T>): Schema<T | null> {
	const { description, ...rest } = schema;
	return { description, anyOf: [rest, { type: "null" }] };
}

export function list<T>(description: string, items: Schema<T>, maxItems?: number): Schema<readonly T[]> {
	return { type: "array", description, items, ...(maxItems === undefined ? {} : { maxItems }) };
}

/** An object with these fields and no others. */
export function object<R extends Fields, O extends Fields = NoFields>(
	description: string,
	required: R,
	optional?: O,
): Schema<Required<R> & Optional<O>> {
	return {
		type: "object",
		description,
		properties: { ...required, ...optional },
		required: Object.keys(required),
		additionalProperties: false,
	};
}

/** An object that changes something: every field may be left out, but not all of them. */
export function change<O extends Fields>(description: string, fields: O): Schema<Optional<O>> {
	return { ...object(description, {}, fields), minProperties: 1 };
}
