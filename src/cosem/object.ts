// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import { models, optionBit } from "../models/model.js";
import { parseLogicalName } from "./logical-name.js";
import type { AccessTable, ClassDefinition, CosemObject } from "./model.js";

const everyModel = models.reduce((mask, model) => mask | model.bit, 0);
const threePhase = models.reduce((mask, model) => (model.phases === 3 ? mask | model.bit : mask), 0);

/** Which meters have an object; without it all of them, whatever was ordered. */
export interface Presence {
	readonly models?: number;
	/** Sum of `optionBit`: present with any of them. */
	readonly options?: number;
}

/** Models with L2 and L3. */
export const onThreePhases: Presence = Object.freeze({ models: threePhase });

/**
 * One row of an object table.
 *
 * @param name "A-B:C.D.E.F"
 * @param spec what the class needs to know about this object; frozen
 * @throws RangeError when `name` is not a logical name
 */
export function object<Spec>(
	definition: ClassDefinition<Spec>,
	name: string,
	access: AccessTable,
	spec: Spec,
	presence: Presence = {},
): CosemObject {
	return Object.freeze({
		logicalName: parseLogicalName(name),
		definition: definition as ClassDefinition<never>,
		spec: deepFreeze(spec),
		access,
		models: presence.models ?? everyModel,
		options: presence.options ?? optionBit.base,
	});
}
