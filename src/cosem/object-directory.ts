// SPDX-License-Identifier: Apache-2.0
import { features, featuresOf } from "../models/features.js";
import type { ModelDescriptor } from "../models/model.js";
import { isVisible } from "./access.js";
import { type FeatureObjects, featureObjects } from "./functions/feature-objects.js";
import { formatLogicalName } from "./logical-name.js";
import { type AccessTable, type CosemObject, clientIndex } from "./model.js";

const numberOfClients = Object.keys(clientIndex).length;
/** Which features an object belongs to: any set of them. */
const featureSets = 1 << features.length;

/**
 * All rows of all models in table order, with an index by logical name. Made once at module level with `indexObjects`
 * and shared by every meter; on the board it is built by the linker and stays in flash.
 */
export interface ObjectIndex {
	readonly rows: readonly CosemObject[];
	/** One row, or the rows of different models and options under the same name. */
	readonly byName: ReadonlyMap<number, CosemObject | readonly CosemObject[]>;
	/** Of each row, bit n: client n sees it. */
	readonly seenBy: Uint8Array;
	/** Of each of `features`. */
	readonly ofFeature: readonly FeatureObjects[];
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
	const ofFeature = features.map(({ options }) => featureObjects(rows.filter((row) => (row.options & options) !== 0)));
	const seenBy = Uint8Array.from(rows, ({ access }) => clientsThatSee(access));
	return Object.freeze({ rows: Object.freeze(rows), byName, seenBy, ofFeature: Object.freeze(ofFeature) });
}

function clientsThatSee(access: AccessTable): number {
	let bits = 0;
	for (let client = 0; client < numberOfClients; client++) if (isVisible(access, client)) bits |= 1 << client;
	return bits;
}

/**
 * The objects of one meter: the rows of its model and options, without what function control has switched off. Holds no
 * memory per object.
 */
export class ObjectDirectory {
	readonly #index: ObjectIndex;
	readonly #model: number;
	readonly #ordered: number;
	/** Ordered options without those that are switched off. */
	#options: number;
	/** Objects that are switched off by name; null while there are none. */
	#hidden: readonly number[] | null = null;
	/**
	 * Objects that each client sees by the features they belong to, counted at start: counting them takes as long as encoding
	 * a page of them.
	 */
	readonly #visible = new Uint16Array(numberOfClients * featureSets);

	/**
	 * @param index   the shared tables, from `indexObjects`
	 * @param model   whose rows are present
	 * @param options sum of `optionBit`; those of the model when left out
	 */
	constructor(index: ObjectIndex, model: ModelDescriptor, options: number = model.options) {
		this.#index = index;
		this.#model = model.bit;
		this.#ordered = options;
		this.#options = options;
		for (let n = 0; n < index.rows.length; n++) {
			const row = index.rows[n]!;
			if (!this.isPresent(row)) continue;
			const set = featuresOf(row.options & options);
			for (let client = 0; client < numberOfClients; client++)
				if (isVisible(row.access, client)) this.#visible[client * featureSets + set]!++;
		}
	}

	/** The object of this name; undefined when this meter has none. Rights are the caller's business. */
	find(logicalName: number): CosemObject | undefined {
		if (this.#hidden?.includes(logicalName)) return undefined;
		const found = this.#index.byName.get(logicalName);
		if (found === undefined) return undefined;
		if ("logicalName" in found) return this.isPresent(found) ? found : undefined;
		for (let n = 0; n < found.length; n++) {
			const variant = found[n]!;
			if (this.isPresent(variant)) return variant;
		}
		return undefined;
	}

	/** Nothing that was ordered is switched off. */
	get isWhole(): boolean {
		return this.#hidden === null && this.#options === this.#ordered;
	}

	/** The same whatever is switched off. */
	ordered(logicalName: number): CosemObject | undefined {
		const found = this.#index.byName.get(logicalName);
		if (found === undefined) return undefined;
		if ("logicalName" in found) return this.isOfOrder(found) ? found : undefined;
		return found.find((variant) => this.isOfOrder(variant));
	}

	/** Some of these options were ordered. */
	isOrdered(options: number): boolean {
		return (this.#ordered & options) !== 0;
	}

	/** The objects of a feature, of all models. @param feature place in `features` */
	ofFeature(feature: number): FeatureObjects {
		return this.#index.ofFeature[feature]!;
	}

	/** Place of the next of them, from `from` on, that this meter has, on or off; -1 when there is none. */
	nextOfFeature(feature: number, from: number): number {
		const { rows } = this.#index.ofFeature[feature]!;
		for (let n = from; n < rows.length; n++) if (this.isOfOrder(rows[n]!)) return n;
		return -1;
	}

	/** Behind the last of those that follow each other from place `from` on and that this meter has; in one look, as they are many. */
	endOfRun(feature: number, from: number): number {
		const { rows } = this.#index.ofFeature[feature]!;
		const { length } = rows;
		const model = this.#model;
		const ordered = this.#ordered;
		let at = from;
		for (; at < length; at++) {
			const { models, options } = rows[at]!;
			if ((models & model) === 0 || (options & ordered) === 0) break;
		}
		return at;
	}

	/** Options that are on: with `hidden` all that `nextVisible` has to know, for a list that stays as it began. */
	get options(): number {
		return this.#options;
	}

	/** Never changed, only replaced. */
	get hidden(): readonly number[] | null {
		return this.#hidden;
	}

	/**
	 * From now on these are as if not ordered. An object that several features have is there as long as one of them is on.
	 * @param options sum of `optionBit` @param names logical names
	 */
	switchOff(options: number, names: readonly number[]): void {
		this.#options = this.#ordered & ~options;
		this.#hidden = names.length === 0 ? null : names;
	}

	/** Rows of all models; `at` runs over them. */
	get size(): number {
		return this.#index.rows.length;
	}

	/** Row `n`, 0-based in table order, on or off; undefined when this meter does not have it. */
	at(n: number): CosemObject | undefined {
		const row = this.#index.rows[n];
		return row !== undefined && this.isOfOrder(row) ? row : undefined;
	}

	/** Next row from `n` on that is present and that `client` (a `clientIndex`) sees; -1 when there is none. */
	nextVisible(n: number, client: number, options = this.#options, hidden = this.#hidden): number {
		const { rows, seenBy } = this.#index;
		const model = this.#model;
		const count = rows.length;
		const bit = 1 << client;
		for (let at = n; at < count; at++) {
			if ((seenBy[at]! & bit) === 0) continue;
			const row = rows[at]!;
			if ((row.models & model) !== 0 && (row.options & options) !== 0) {
				if (hidden === null || !hidden.includes(row.logicalName)) return at;
			}
		}
		return -1;
	}

	/** Number of objects that `client` sees now. */
	countVisible(client: number): number {
		const hidden = this.#hidden;
		const on = featuresOf(this.#options);
		let count = 0;
		for (let set = 0; set < featureSets; set++)
			if (set === 0 || (set & on) !== 0) count += this.#visible[client * featureSets + set]!;
		if (hidden === null) return count;
		for (let n = 0; n < hidden.length; n++) {
			const object = hidden.indexOf(hidden[n]!) === n ? this.ordered(hidden[n]!) : undefined;
			if (object !== undefined && this.isPresent(object) && isVisible(object.access, client)) count--;
		}
		return count;
	}

	/** By its options: what is hidden by name is present. */
	private isPresent(row: CosemObject): boolean {
		return (row.models & this.#model) !== 0 && (row.options & this.#options) !== 0;
	}

	private isOfOrder(row: CosemObject): boolean {
		return (row.models & this.#model) !== 0 && (row.options & this.#ordered) !== 0;
	}
}
