// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { ModelDescriptor } from "../models/model.js";
import { isVisible } from "./access.js";
import { formatLogicalName } from "./logical-name.js";
import { type CosemObject, clientIndex } from "./model.js";

const numberOfClients = Object.keys(clientIndex).length;

/**
 * All rows of all models in table order, with an index by logical name. Made once at module level with `indexObjects`
 * and shared by every meter; on the board it is built by the linker and stays in flash.
 */
export interface ObjectIndex {
	readonly rows: readonly CosemObject[];
	/** One row, or the rows of different models and options under the same name. */
	readonly byName: ReadonlyMap<number, CosemObject | readonly CosemObject[]>;
}

/** @throws RangeError when two rows of one name can be present in the same meter */
export function indexObjects(tables: readonly (readonly CosemObject[])[]): ObjectIndex {
	const rows: CosemObject[] = [];
	const byName = new Map<number, CosemObject | readonly CosemObject[]>();
	for (const table of tables) {
		for (const row of table) {
			rows.push(row);
			const known = byName.get(row.logicalName);
			if (known === undefined) {
				byName.set(row.logicalName, row);
				continue;
			}
			const variants = "logicalName" in known ? [known] : [...known];
			for (const variant of variants) {
				if ((variant.models & row.models) !== 0 && (variant.options & row.options) !== 0) {
					throw new RangeError(`${formatLogicalName(row.logicalName)} is there twice`);
				}
			}
			variants.push(row);
			byName.set(row.logicalName, Object.freeze(variants));
		}
	}
	return Object.freeze({ rows: Object.freeze(rows), byName });
}

/** The objects of one meter: the rows of its model and options. Holds no memory per object. */
export class ObjectDirectory {
	readonly #index: ObjectIndex;
	readonly #model: number;
	readonly #options: number;
	/** Objects that each client sees, counted at start: counting them takes as long as encoding a page of them. */
	readonly #visible = zeros(numberOfClients);

	/**
	 * @param index   the shared tables, from `indexObjects`
	 * @param model   whose rows are present
	 * @param options sum of `optionBit`; those of the model when left out
	 */
	constructor(index: ObjectIndex, model: ModelDescriptor, options: number = model.options) {
		this.#index = index;
		this.#model = model.bit;
		this.#options = options;
		for (let client = 0; client < numberOfClients; client++) this.#visible[client] = this.count(client);
	}

	/** The object of this name; undefined when this meter has none. Rights are the caller's business. */
	find(logicalName: number): CosemObject | undefined {
		const found = this.#index.byName.get(logicalName);
		if (found === undefined) return undefined;
		if ("logicalName" in found) return this.isPresent(found) ? found : undefined;
		for (let n = 0; n < found.length; n++) {
			const variant = found[n]!;
			if (this.isPresent(variant)) return variant;
		}
		return undefined;
	}

	/** Rows of all models; `at` runs over them. */
	get size(): number {
		return this.#index.rows.length;
	}

	/** Row `n`, 0-based in table order; undefined when this meter does not have it. */
	at(n: number): CosemObject | undefined {
		const row = this.#index.rows[n];
		return row !== undefined && this.isPresent(row) ? row : undefined;
	}

	/** Next row from `n` on that is present and that `client` (a `clientIndex`) sees; -1 when there is none. */
	nextVisible(n: number, client: number): number {
		const { rows } = this.#index;
		const model = this.#model;
		const options = this.#options;
		const count = rows.length;
		for (let at = n; at < count; at++) {
			const row = rows[at]!;
			if ((row.models & model) !== 0 && (row.options & options) !== 0 && isVisible(row.access, client)) return at;
		}
		return -1;
	}

	/** Number of objects that `client` sees. */
	countVisible(client: number): number {
		return this.#visible[client] ?? 0;
	}

	private count(client: number): number {
		let count = 0;
		for (let n = this.nextVisible(0, client); n >= 0; n = this.nextVisible(n + 1, client)) count++;
		return count;
	}

	isPresent(row: CosemObject): boolean {
		return (row.models & this.#model) !== 0 && (row.options & this.#options) !== 0;
	}
}
